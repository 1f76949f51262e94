"""What stays of a failure when it is hit elsewhere, and how alike two failures are."""
