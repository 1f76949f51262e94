import pandas

pandas.DataFrame({"tea": [3]})["coffee"]
