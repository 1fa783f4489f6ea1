"""The proof that nothing is paid twice, lost or torn, whatever ends or fails in between."""
