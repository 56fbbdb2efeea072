from __future__ import annotations

import torch

# Two threads on two busy cores wait for each other: a step then takes tens of times as long.
torch.set_num_threads(1)
