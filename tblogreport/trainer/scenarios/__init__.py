"""The scenarios; `scenario.all_scenarios()` finds them. TensorFlow is imported inside each."""
