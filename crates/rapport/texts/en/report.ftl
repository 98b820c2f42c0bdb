# Reports and the digest.

report-digest = The digest
report-week = The community’s week
report-report = The report
report-for = For
report-everybody = everybody: all figures
report-alone = open alone, for print
report-product = Product
report-marketing = Marketing
report-engineering = Engineering
report-leadership = leadership
report-community = the community: the week’s digest
