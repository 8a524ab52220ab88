"""SAPIENT, BSI Flex 335 version 2: messages of sensing nodes, checked, and as plots."""
