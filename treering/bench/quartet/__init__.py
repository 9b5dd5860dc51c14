"""Quartet: a suite of our own, made by seed, in which nobody without memory scores more or less than a quarter.

People come in fours. All four are asked the same question with the same four options in the same order, and each option
is right for exactly one of them. So whatever is answered by question and options alone is right once in four.
"""
