#!/usr/bin/env python3
"""Time and memory of `convprove check` on files written to wear it out, as a Markdown table.

cargo build --release && python3 benches/hostile.py
"""

import os
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/convprove"
DEPTH = 20
TENSOR = "size n\ntensor x[0..n-1]\n"


def nested(first, step):
    """Definitions f0, f1, …, each made of the one before, and a false theorem about the last."""
    lines = [f"def f0(x[0..n-1])[i in 0..n-1] = {first}"]
    lines += [f"def f{k}(x[0..n-1])[i in 0..n-1] = {step.replace('F', f'f{k - 1}(x)')}" for k in range(1, DEPTH + 1)]
    return "\n".join(lines)


def sums(last):
    return "".join(f"sum(k{j} in 0..n-1) x[k{j}]*(" for j in range(DEPTH)) + last + ")" * DEPTH


def kernels(numbers):
    return "full(" * 11 + f"w{numbers[0]}" + "".join(f", w{j})" for j in numbers[1:])


CASES = {
    "20 nested squares": TENSOR + nested("x[i]", "F[i]*F[i]") + f"\ntheorem t for i in 0..n-1: f{DEPTH}(x)[i] = x[i]",
    "20 nested sums of products": TENSOR
    + nested("x[i]", "F[i] + sum(j in 0..n-1) F[j]*F[i]")
    + f"\ntheorem t for i in 0..n-1: f{DEPTH}(x)[i] = x[i]",
    "20 sums within one another": TENSOR + f"theorem t: {sums('1')} = {sums('2')}",
    "the 60th power of a sum": TENSOR + "theorem t: (sum(k in 0..n-1) x[k])^60 = 0",
    "the 60th power of five terms": "scalar a, b, c, d, e\ntheorem t: (a+b+c+d+e)^60 = 0",
    "a product of 30 sums of eight terms": "scalar a, b, c, d, e, f, g, h\ntheorem t: "
    + "*".join(["(a+b+c+d+e+f+g+h)"] * 30)
    + " = 1",
    "a sum over 90 letters": TENSOR
    + "theorem t: sum("
    + ", ".join(f"k{j} in 0..n-1" for j in range(90))
    + ") "
    + "*".join(f"x[k{j}]" for j in range(90))
    + " = 0",
    "a number of 390 digits": "size n\ntheorem t: n^64*n^64*n^64 + " + "9" * 390 + " = 3",
    "50 nested floors": "size n\ntheorem t: " + "floor(" * 50 + "n" + "/2)" * 50 + " = n",
    "89 products of sizes as assumptions": "size "
    + ", ".join(f"n{j}" for j in range(90))
    + "\ntheorem t where "
    + ", ".join(f"n{j} <= n{j + 1}*n{j}" for j in range(89))
    + ": n0 <= n89*n88",
    "a derivative through 20 definitions": TENSOR
    + "scalar function h(x)\n"
    + nested("h(x[i])", "h(F[i]*F[n-1-i])")
    + f"\ntheorem t for i in 0..n-1: d/dx[i] f{DEPTH}(x)[i] = x[i]",
    "a chain of 12 kernels reversed": "size n\n"
    + "".join(f"tensor w{j}[0..n-1]\n" for j in range(12))
    + f"use std\ntheorem t: {kernels(range(12))} = {kernels([0] + list(range(11, 0, -1)))}",
}


def main():
    print("| file | verdict | seconds | memory |\n| --- | --- | ---: | ---: |")
    for name, text in CASES.items():
        with tempfile.NamedTemporaryFile("w", suffix=".cvp", delete=False) as file:
            file.write(text + "\n")
        started = time.monotonic()
        process = subprocess.Popen([PROGRAM, "check", file.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        os.unlink(file.name)
        words = ("proved", "refuted", "undecided", "ill-formed")
        verdict = next((word for word in words if f" {word}" in output), "ill-formed")
        if os.WIFSIGNALED(status):
            verdict = f"killed by signal {os.WTERMSIG(status)}"
        print(f"| {name} | {verdict} | {seconds:.2f} | {used.ru_maxrss // 1024} MB |")


main()
