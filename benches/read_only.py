"""What a user has today: the cells of the first sheet through openpyxl in read-only mode.

    python3 benches/read_only.py tape.xlsx

Prints the seconds, the peak of memory in kB and the number of cells that are not empty.
"""

import resource
import sys
import time

import openpyxl

start = time.perf_counter()
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
cells = 0
for row in book.worksheets[0].iter_rows(values_only=True):
    cells += sum(value is not None for value in row)
seconds = time.perf_counter() - start
print(f"{seconds:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} {cells}")
