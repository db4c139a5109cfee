import json
import os

with open(os.environ["BENCH_CONTROL"]) as file:
    _hosts = json.load(file)

storage = [("storage", _hosts["storage"])]
nodes = [(name, data) for name, data in _hosts.items() if name != "storage"]
