"""The process that turns texts into vectors. sentence_transformers and torch are imported here and nowhere else."""
