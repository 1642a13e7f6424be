"""What people write in place of the right answers, with hints; a file for each exercise."""
