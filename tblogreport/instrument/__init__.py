"""What to add to a training run so that its layers can be judged afterwards.

Each module is for one framework and needs that framework only when it is imported.
"""
