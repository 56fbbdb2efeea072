"""Figures that the papers report, to stand beside ours and be marked as theirs.

Whole pictures of 256², with masks of their own synthesis on CelebA: near ours in kind, but neither
the faces nor the masks are the same, and the papers differ from each other too.
"""

from __future__ import annotations

MCSAM = "M-CSAM paper"
"""Yang, "Face Mask Removal with Region-attentive Face Inpainting", tables 1 to 3."""
GANMASKER = "GANMasker paper"
"""GANMasker, the two-stage network with MURF: its comparison at 256²."""
RAUNET = "RA-UNet paper"
"""Hosen and Islam, "Masked Face Inpainting Through Residual Attention UNet"."""

WHOLE = {
    f"published: M-CSAM ({MCSAM})": {"ssim": 0.9511, "psnr": 30.3885, "l1": 0.0076},
    f"published: GatedConv ({MCSAM})": {"ssim": 0.9428, "psnr": 29.6119, "l1": 0.0096},
    f"published: CSA ({MCSAM})": {"ssim": 0.9394, "psnr": 28.7021, "l1": 0.0104},
    f"published: RFR ({MCSAM})": {"ssim": 0.9260, "psnr": 27.0240, "l1": 0.0116},
    f"published: RN ({MCSAM})": {"ssim": 0.8803, "psnr": 24.4053, "l1": 0.0372},
    f"published: GANMasker ({GANMASKER})": {
        "ssim": 0.95, "psnr": 30.96, "fid": 16.34, "niqe": 5.42, "brisque": 19.27,
    },
    f"published: GLCIC ({GANMASKER})": {
        "ssim": 0.94, "psnr": 26.78, "fid": 16.52, "niqe": 5.99, "brisque": 18.48,
    },
    f"published: GatedConv ({GANMASKER})": {
        "ssim": 0.89, "psnr": 20.57, "fid": 90.81, "niqe": 5.75, "brisque": 17.63,
    },
    f"published: GUMF ({GANMASKER})": {
        "ssim": 0.90, "psnr": 21.69, "fid": 58.71, "niqe": 6.45, "brisque": 32.93,
    },
    f"published: GANMasker, one stage ({GANMASKER})": {"ssim": 0.94, "psnr": 28.18},
    f"published: RA-UNet ({RAUNET})": {"ssim": 0.94, "psnr": 33.83, "seconds": 0.24},
    f"published: Yu et al. 2018 ({RAUNET})": {"ssim": 0.89, "psnr": 31.23, "seconds": 0.83},
    f"published: Zheng et al. 2019 ({RAUNET})": {"ssim": 0.92, "psnr": 33.31, "seconds": 1.15},
    f"published: Din et al. 2020 ({RAUNET})": {"ssim": 0.87, "psnr": 30.78, "seconds": 0.69},
}  # fmt: skip
"""Whole-picture figures of inpainting, as `train.evaluate_paper` names them; ``seconds`` a picture
on an RTX 2070. Din et al. is the network that the GANMasker paper calls GUMF."""
PARAMETERS = {
    f"published: M-CSAM ({MCSAM})": 44.7e6,
    f"published: GatedConv ({MCSAM})": 4.1e6,
    f"published: CSA ({MCSAM})": 132.1e6,
    f"published: RFR ({MCSAM})": 31.2e6,
    f"published: RN ({MCSAM})": 11.6e6,
    f"published: RA-UNet ({RAUNET})": 39e6,
    f"published: RA-UNet without residual paths ({RAUNET})": 37e6,
    f"published: RA-UNet without residual paths and gates ({RAUNET})": 31e6,
}
"""Learnt numbers of the networks at the papers' size; the others' are in M-CSAM's section 5."""
SEGMENTERS = {
    f"published: M-CSAM's segmenter ({MCSAM})": {"iou": 0.99},
    f"published: M-Seg ({GANMASKER})": {"accuracy": 0.9999, "dice": 0.9997},
}
"""On masks of their own synthesis; the first is said to be "over 0.99"."""
ABLATIONS = {
    "published: local supervision, CSAM": {"ssim": 0.9511, "psnr": 30.3885, "l1": 0.0076},
    "published: full supervision (table 2)": {"ssim": 0.9441, "psnr": 29.6932, "l1": 0.0088},
    "published: without CSAM (table 3)": {"ssim": 0.9495, "psnr": 30.1338, "l1": 0.0077},
}
"""Tables 2 and 3 of the M-CSAM paper."""
