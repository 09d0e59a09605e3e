"""How often the diagnosis is right: a corpus of runs whose faults are known, and a table.

    python -m benchmarks.accuracy             judge the runs of the committed archive
    python -m benchmarks.accuracy --rebuild   train and draw all of them again, then judge

The way of a run: a `Recipe` says how a program is trained, a `Fault` changes the recipe,
training writes event files and a `Record` of what really happened in the network, and
`labels.py` derives from that record, and from the record of the same run without the
fault, what a perfect reader would find. Intent is never a label.
"""
