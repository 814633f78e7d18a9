"""Reads a log of Millrace in a folder by tlog-scales, which nobody of Millrace has written.

check.py FOLDER KEY... prints how many proofs are good: of the signatures of all keys, of the tiles that lead to the root, of
entries by the library's own proofs and by those in the file proofs, and that the log grew from the checkpoint in the file old.
"""

import base64
import json
import pathlib
import sys

from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, InclusionProof


def check(folder, keys):
    reader = TilesReader(LocalBackend(folder))
    checkpoint = reader.get_checkpoint()
    for key in keys:
        checkpoint.verify(Vkey.from_string(key))
    if reader.calculate_root_hash() != checkpoint.root_hash:
        raise ValueError("the tiles lead to another root than the checkpoint's")
    old = Checkpoint.from_text((folder / "old").read_text())
    reader.get_consistency_proof(old.size, checkpoint.size).check(old.root_hash, checkpoint.root_hash)
    good = 0
    for index, hashes in json.loads((folder / "proofs").read_text()):
        leaf = leaf_hash(reader.get_entry(index))
        reader.get_inclusion_proof(index, checkpoint.size).check(leaf, checkpoint.root_hash)
        InclusionProof(index, checkpoint.size, [base64.b64decode(each) for each in hashes]).check(leaf, checkpoint.root_hash)
        good += 1
    return good


try:
    print("good:", check(pathlib.Path(sys.argv[1]), sys.argv[2:]), "proofs")
except Exception as wrong:
    print("wrong:", type(wrong).__name__, wrong)
    sys.exit(1)
