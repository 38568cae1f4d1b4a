"""Measures what the project promises, in one run: `python -m benchmarks [NAME…]`.

figures: samples and their median · processes: children and their CPU time · local_cloud: what they run against ·
start, cost, engine, demo: one measurement each · report: the table and the files.
"""
