#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the digit classifier that digits.cpp runs: 64-128-64-10, GELU (tanh form), pure NumPy.

  train.py            trains on the first 1,297 images, writes w1.npy .. b3.npy, prints the accuracy on the last 500
  train.py --search   compares the settings below on a split within the first 1,297 images
  train.py --fetch    writes images.npy and labels.npy from the scikit-learn package
"""
import argparse
import itertools
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
TRAINED_ON = 1297
CHECKED_ON = 300  # the tail of the 1,297: other writers than most of what precedes it
LAYERS = (64, 128, 64, 10)
SEED = 20
# Chosen by --search, which never sees the last 500 images.
SETTINGS = {"epochs": 150, "rate": 2e-3, "shift": 0.25, "noise": 0.2}


def gelu(x):
    """GELU in its tanh form, and its derivative."""
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    slope = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)
    return 0.5 * x * (1 + t), slope


def forward(parameters, x):
    """Activations and slopes of every layer; the last activation is the scores."""
    activations, slopes = [x], []
    for layer in range(3):
        z = activations[-1] @ parameters[2 * layer] + parameters[2 * layer + 1]
        a, slope = gelu(z) if layer < 2 else (z, None)
        activations.append(a)
        slopes.append(slope)
    return activations, slopes


def gradients(parameters, x, labels):
    """Of the mean cross-entropy."""
    activations, slopes = forward(parameters, x)
    scores = activations[-1]
    delta = np.exp(scores - scores.max(axis=1, keepdims=True))
    delta /= delta.sum(axis=1, keepdims=True)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    result = [None] * 6
    for layer in (2, 1, 0):
        result[2 * layer] = activations[layer].T @ delta
        result[2 * layer + 1] = delta.sum(axis=0)
        if layer:
            delta = (delta @ parameters[2 * layer].T) * slopes[layer - 1]
    return result


def disturbed(random, x, shift, noise):
    """The images moved by at most one pixel with probability `shift`, with pixel noise added."""
    images = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    moves = random.integers(0, 3, (len(x), 2))
    moves[random.random(len(x)) >= shift] = 1
    rows = moves[:, 0, None, None] + np.arange(8)[None, :, None]
    columns = moves[:, 1, None, None] + np.arange(8)[None, None, :]
    moved = images[np.arange(len(x))[:, None, None], rows, columns].reshape(-1, 64)
    return moved + noise * random.standard_normal(moved.shape)


def train(x, labels, epochs, rate, shift, noise, batch=64, seed=SEED):
    """Adam with a cosine schedule."""
    random = np.random.default_rng(seed)
    parameters = []
    for fan_in, fan_out in itertools.pairwise(LAYERS):
        parameters += [random.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in), np.zeros(fan_out)]
    first = [np.zeros_like(p) for p in parameters]
    second = [np.zeros_like(p) for p in parameters]
    steps = epochs * (len(x) // batch)
    step = 0
    for _ in range(epochs):
        order = random.permutation(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            step += 1
            pick = order[start : start + batch]
            now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            batch_gradients = gradients(parameters, disturbed(random, x[pick], shift, noise), labels[pick])
            for i, gradient in enumerate(batch_gradients):
                first[i] = 0.9 * first[i] + 0.1 * gradient
                second[i] = 0.999 * second[i] + 0.001 * gradient * gradient
                direction = (first[i] / (1 - 0.9**step)) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
                parameters[i] = parameters[i] - now * direction
    return parameters


def accuracy(parameters, x, labels):
    return float((forward(parameters, x)[0][-1].argmax(axis=1) == labels).mean())


def search(x, labels):
    """Mean accuracy over three seeds on the last CHECKED_ON of the training images, best last."""
    cut = TRAINED_ON - CHECKED_ON
    grid = {"epochs": [60, 150], "rate": [2e-3, 5e-3], "shift": [0.0, 0.25], "noise": [0.0, 0.2, 0.3, 0.4]}
    found = []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values))
        scores = [accuracy(train(x[:cut], labels[:cut], **settings, seed=seed), x[cut:TRAINED_ON],
                           labels[cut:TRAINED_ON]) for seed in range(3)]
        found.append((float(np.mean(scores)), settings))
        print(f"{found[-1][0]:.4f} {settings}", flush=True)
    best = max(found, key=lambda entry: entry[0])
    print(f"best: {best[0]:.4f} {best[1]}")


def fetch():
    from sklearn.datasets import load_digits

    digits = load_digits()
    np.save(FOLDER / "images.npy", digits.data.astype(np.uint8))
    np.save(FOLDER / "labels.npy", digits.target.astype(np.uint8))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--fetch", action="store_true")
    arguments = parser.parse_args()
    if arguments.fetch:
        fetch()
        return
    x = np.load(FOLDER / "images.npy") / 16.0
    labels = np.load(FOLDER / "labels.npy").astype(np.int64)
    if arguments.search:
        search(x[:TRAINED_ON], labels[:TRAINED_ON])
        return
    parameters = [p.astype(np.float32) for p in train(x[:TRAINED_ON], labels[:TRAINED_ON], **SETTINGS)]
    for name, parameter in zip(("w1", "b1", "w2", "b2", "w3", "b3"), parameters):
        np.save(FOLDER / f"{name}.npy", parameter)
    unseen = accuracy(parameters, x[TRAINED_ON:].astype(np.float32), labels[TRAINED_ON:])
    print(f"trained on {TRAINED_ON} images; accuracy on the {len(x) - TRAINED_ON} unseen ones: {unseen:.1%}")


if __name__ == "__main__":
    main()
