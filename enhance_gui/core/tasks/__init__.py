"""Tasks: their states and steps, what they cost, how long they take, what they give."""
