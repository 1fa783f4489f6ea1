"""The queue and gallery: every task in one list, as rows or as a grid."""
