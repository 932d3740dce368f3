"""Toybox in SigLIP's shape: the widths, depths, patches and tokens of train.py's, everything else as SigLIP has it.

The text tower has no mask, reads always 64 tokens with the end token as padding, and its embedding is the last
position's; its head has a bias. The image tower has no class token: one learnt query gathers all patches, and there is
no projection. Zhai et al., "Sigmoid Loss for Language Image Pre-Training", ICCV 2023, arXiv 2303.15343, and
transformers' SiglipModel, which reads what `tensors` names.
"""

import json
import os

import numpy as np
import torch
from torch import nn

from train import (GRID, HEADS, LAYERS, MEAN, PATCH, PROJECTION, SIDE, STD, TEXT_HEADS, TEXT_LAYERS, TEXT_WIDTH, WIDTH,
                   Layer, both, layer_tensors, start_weights, tensor_of)

CONTEXT, EPSILON, GELU = 64, 1e-6, "tanh"


class Head(nn.Module):
    """One learnt query over all patches, and an MLP behind it."""

    def __init__(self):
        super().__init__()
        self.probe = nn.Parameter(torch.randn(1, 1, WIDTH) * 0.02)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        b, t, d = x.shape
        apart = lambda y: y.view(y.shape[0], -1, HEADS, d // HEADS).transpose(1, 2)
        weight, bias = self.qkv.weight, self.qkv.bias
        q = apart(nn.functional.linear(self.probe, weight[:d], bias[:d]))
        k, v = (apart(y) for y in nn.functional.linear(x, weight[d:], bias[d:]).chunk(2, 2))
        attention = (q * (d // HEADS) ** -0.5 @ k.transpose(-1, -2)).softmax(-1)
        gathered = self.out((attention @ v).transpose(1, 2).reshape(b, d))
        hidden = self.fc1(self.norm(gathered))
        return gathered + self.fc2(nn.functional.gelu(hidden, approximate=GELU))


class SiglipToybox(nn.Module):
    first_word = 0

    def __init__(self, vocabulary, end):
        """`end` is the id of the end token, which is the padding too."""
        super().__init__()
        self.end = end
        self.patch = nn.Linear(3 * PATCH * PATCH, WIDTH)
        self.positions = nn.Parameter(torch.randn(GRID * GRID, WIDTH) * 0.02)
        self.layers = nn.ModuleList(Layer(WIDTH, HEADS, GELU, EPSILON) for _ in range(LAYERS))
        self.post = nn.LayerNorm(WIDTH, EPSILON)
        self.head = Head()
        self.tokens = nn.Parameter(torch.randn(vocabulary, TEXT_WIDTH) * 0.02)
        self.text_positions = nn.Parameter(torch.randn(CONTEXT, TEXT_WIDTH) * 0.01)
        self.text_layers = nn.ModuleList(Layer(TEXT_WIDTH, TEXT_HEADS, GELU, EPSILON) for _ in range(TEXT_LAYERS))
        self.final = nn.LayerNorm(TEXT_WIDTH, EPSILON)
        self.text_projection = nn.Linear(TEXT_WIDTH, PROJECTION)
        self.logit_scale = nn.Parameter(torch.zeros(1))
        self.logit_bias = nn.Parameter(torch.zeros(1))
        start_weights(self)

    def image(self, patches, kept=None):
        x = self.patch(patches.to(self.positions.dtype)) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.head(self.post(x)).float(), None

    def text(self, ids, ends):
        x = self.tokens[ids] + self.text_positions
        for layer in self.text_layers:
            x = layer(x)
        return self.text_projection(self.final(x[:, -1])).float()

    def pick_texts(self, ids):
        """Toybox's ids without the begin of text, padded to the context, and where each text ends."""
        padded = np.full((len(ids), CONTEXT), self.end, np.int64)
        words = ids[:, 1:]
        padded[:, : words.shape[1]] = np.where(words < 0, self.end, words)
        return tensor_of(padded), tensor_of((words >= 0).sum(1) - 1)

    def read_at(self, ends):
        """The position of each text that becomes its embedding."""
        return torch.full_like(ends, CONTEXT - 1)

    def tensors(self):
        """The parameters under transformers' names."""
        return {
            "logit_scale": self.logit_scale,
            "logit_bias": self.logit_bias,
            "vision_model.embeddings.patch_embedding.weight": self.patch.weight.view(WIDTH, 3, PATCH, PATCH),
            "vision_model.embeddings.patch_embedding.bias": self.patch.bias,
            "vision_model.embeddings.position_embedding.weight": self.positions,
            **layer_tensors("vision_model", self.layers),
            **both("vision_model.post_layernorm", self.post),
            "vision_model.head.probe": self.head.probe,
            "vision_model.head.attention.in_proj_weight": self.head.qkv.weight,
            "vision_model.head.attention.in_proj_bias": self.head.qkv.bias,
            **both("vision_model.head.attention.out_proj", self.head.out),
            **both("vision_model.head.layernorm", self.head.norm),
            **both("vision_model.head.mlp.fc1", self.head.fc1),
            **both("vision_model.head.mlp.fc2", self.head.fc2),
            "text_model.embeddings.token_embedding.weight": self.tokens,
            "text_model.embeddings.position_embedding.weight": self.text_positions,
            **layer_tensors("text_model", self.text_layers),
            **both("text_model.final_layer_norm", self.final),
            **both("text_model.head", self.text_projection),
        }

    def configs(self, vocabulary):
        """config.json and preprocessor_config.json; `vocabulary` is token -> id."""
        common = {"hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": EPSILON}
        config = {
            "architectures": ["SiglipModel"],
            "model_type": "siglip",
            "text_config": {
                "model_type": "siglip_text_model", "vocab_size": len(vocabulary), "hidden_size": TEXT_WIDTH,
                "intermediate_size": 4 * TEXT_WIDTH, "num_hidden_layers": TEXT_LAYERS, "num_attention_heads": TEXT_HEADS,
                "max_position_embeddings": CONTEXT, "projection_size": PROJECTION, "pad_token_id": self.end,
                "eos_token_id": self.end, **common,
            },
            "vision_config": {
                "model_type": "siglip_vision_model", "hidden_size": WIDTH, "intermediate_size": 4 * WIDTH,
                "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "image_size": SIDE, "patch_size": PATCH,
                "num_channels": 3, **common,
            },
        }
        preprocessor = {
            "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
            "image_mean": list(MEAN), "image_processor_type": "SiglipImageProcessor", "image_std": list(STD),
            "resample": 3, "rescale_factor": 1 / 255, "size": {"height": SIDE, "width": SIDE},
        }
        return config, preprocessor


def siglip_tokenizer(tokenizer):
    """Toybox's tokenizer.json as SigLIP's are: the end token is called `</s>`, and no begin of text comes first."""
    vocabulary = dict(tokenizer["model"]["vocab"])
    end = vocabulary.pop("<|endoftext|>")
    vocabulary["</s>"] = end
    added = [{**token, "content": "</s>"} for token in tokenizer["added_tokens"] if token["id"] == end]
    template = {
        "type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"</s>": {"id": "</s>", "ids": [end], "tokens": ["</s>"]}},
    }
    model = {**tokenizer["model"], "vocab": vocabulary, "unk_token": "</s>"}
    return {**tokenizer, "added_tokens": added, "post_processor": template, "model": model}


def open_siglip(folder):
    """A model for a folder with SigLIP's tokenizer.json, and that tokenizer."""
    tokenizer = json.load(open(os.path.join(folder, "tokenizer.json")))
    vocabulary = tokenizer["model"]["vocab"]
    return SiglipToybox(len(vocabulary), vocabulary["</s>"]), tokenizer
