-- Each batch of events writes its process's row, and with it entered a new instant here. There is a row for each process.
DROP INDEX intake_journals_changed;
