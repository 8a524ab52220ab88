"""Drafts for people: a public warning, a communique, notices. Nothing here sends anything."""
