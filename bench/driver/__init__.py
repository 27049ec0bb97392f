# SPDX-License-Identifier: Apache-2.0
"""The parts of race.py. They need nothing but Python."""
