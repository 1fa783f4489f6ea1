"""What people give: dropped data, texts, lists, folders; read as addresses and files."""
