"""The decoder's process: llama.cpp through llama-cpp-python's low-level API, with a loop of our own."""
