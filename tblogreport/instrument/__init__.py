"""What to add to a training run so that its layers can be judged afterwards.

`tblogreport.instrument.keras.TensorHealth` and `tblogreport.instrument.torch.watch` write
the same tags. A layer has the path that its framework gives it: `dense` or
`encoder/dense_1` in Keras, `features.0` in PyTorch.

| tag | kind | what it is |
|---|---|---|
| `weights/<layer>/<parameter>` | histogram | the values of a parameter |
| `gradients/<layer>/<parameter>` | histogram | its gradient in this step |
| `activations/<layer>` | histogram | what the layer gives out in this step, in training mode |
| `gradient_norm` | scalar | the 2-norm over the gradients of all parameters |
| `gradient_norm/<layer>/<parameter>` | scalar | the 2-norm of one gradient |
| `update_ratio/<layer>/<parameter>` | scalar | ‖Δw‖/‖w‖ of the update of this step |
| `zero_share/<layer>` | scalar | the share of the layer's outputs that are exactly 0 |
| `inactive_units/<layer>` | scalar | the share of its units that are 0 on the whole batch |
| `saturated_share/<layer>` | scalar | the share of outputs in the outer 3 % of a bounded range |
| `learning_rate` | scalar | the rate of this step's update |
| `step_loss` | scalar | the loss of this step, logged at every step |

A step is the number of optimiser updates done before: step 0 is the initial state. All but
`step_loss` is written at the steps 0, `every`, 2·`every` …; the weights once more at the end.

Each module is for one framework and needs that framework only when it is imported.
"""
