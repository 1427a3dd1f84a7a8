"""What is looked at to tell how an integration stands: one signal a file, each the same question.

`reasons(look)` yields a service's name with each thing that is wrong there.
"""
