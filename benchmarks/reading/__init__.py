"""How fast event files are read: tblogreport, TensorBoard's accumulator, its data server."""
