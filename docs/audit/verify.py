#!/usr/bin/env python3
"""Checks a file of proofs of Millrace (millrace-proof/v1) without Millrace, as docs/audit.md and
docs/hashes.md describe it.

    verify.py FILE --key KEY [--key ...] [--witness KEY ...]

A KEY is a verifier key, or a file with one on each line. Exit code 0 if all is good; 1 if not, with the first thing that is wrong;
2 if it was called wrongly. Needs Python 3.8 and the library `cryptography`, for the signatures alone. One that is too old for ML-DSA-44 checks
those of Ed25519; the last line says which were checked.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import struct
import sys
import unicodedata
import uuid

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("verify.py: expected the Python library 'cryptography' (pip install cryptography), but it is not there")

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

    MLDSA44PublicKey.from_public_bytes(bytes(1312))
    HAS_ML_DSA = True
except Exception:  # an older library, or one on an older OpenSSL
    HAS_ML_DSA = False

FORMAT = "millrace-proof/v1"
ED25519, COSIGNATURE, ML_DSA_44 = 1, 4, 6
OF_LOGS = {ED25519, ML_DSA_44} if HAS_ML_DSA else {ED25519}
OF_WITNESSES = {COSIGNATURE, ML_DSA_44} if HAS_ML_DSA else {COSIGNATURE}
FOR_EVER = 1 << 64


# Bodies of a command in commands.proto: the first has this number, and each the one behind that of the one before.
FIRST_BODY = 20
BODIES = """
    start_workflow signal_with_start signal_workflow cancel_workflow claim_work release_claim submit_commands resolve_promise
    reject_promise submit_task complete_task fail_task cancel_task heartbeat_task report_task_progress log_task_message
    change_task_state child_closed fire_due record_refusal bind_promise_key settle_promise_by_key worker_gone report_refused
    free_promise_key begin_tenure end_tenure raise_rules worker_back request_cancellation terminate_workflow retry_task
    reset_workflow continue_child pause_workflow resume_workflow create_schedule pause_schedule resume_schedule delete_schedule
    record_note trigger_schedule backfill_schedule plan_schedule start_scheduled_run scheduled_run_ended check_scheduled_run
    pause_work resume_work follow_policy begin_bulk_job steer_bulk_job claim_bulk_job advance_bulk_job annotate_workflow save_query
    delete_query update_schedule limit_work tell_places lend_places stop_backfill
""".split()


class Wrong(Exception):
    """The first thing that is wrong."""


def expect(good, message):
    if not good:
        raise Wrong(message)


def unbase64(text):
    """Takes only what an encoder writes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Wrong("expected base64, but got %.60r" % (text,))
    expect(base64.b64encode(data).decode() == text, "expected base64 as an encoder writes it, but got %.60r" % text)
    return data


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


# Signed notes


def is_name(text):
    return bool(text) and "+" not in text and not any(c.isspace() or unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cc") for c in text)


class Key:
    """A verifier key: <name>+<id>+<base64(type, public key)>."""

    def __init__(self, text):
        parts = text.split("+", 2)
        expect(len(parts) == 3, "expected a verifier key <name>+<8 hex digits>+<base64>, but got %r" % text)
        typed = unbase64(parts[2])
        expect(typed and is_name(parts[0]), "expected a name and a key, but got %r" % text)
        self.text, self.name, self.type, self.public = text, parts[0], typed[0], typed[1:]
        self.id = sha256(self.name.encode(), b"\n", typed)[:4]
        expect(self.id.hex() == parts[1], "expected the id %s of the key of %s, but got %s" % (self.id.hex(), self.name, parts[1]))
        length = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}.get(self.type, len(self.public))
        expect(len(self.public) == length, "expected a public key of %d bytes, but got %d" % (length, len(self.public)))

    def __str__(self):
        return "%s+%s" % (self.name, self.id.hex())

    def verifies(self, text, signature):
        message = text.encode()
        if self.type != ED25519:
            if len(signature) <= 8:
                return False
            time, signature = struct.unpack(">Q", signature[:8])[0], signature[8:]
            message = self.subtree(time, text) if self.type == ML_DSA_44 else b"cosignature/v1\ntime %d\n" % time + message
        of = MLDSA44PublicKey if self.type == ML_DSA_44 else Ed25519PublicKey
        try:
            of.from_public_bytes(self.public).verify(signature, message)
            return True
        except InvalidSignature:
            return False

    def subtree(self, time, text):
        """What ML-DSA-44 signs: cosigner, time, origin, start, size and root, as tlog-cosignature has it."""
        origin, size, root = checkpoint(text)
        cosigner, origin = self.name.encode(), origin.encode()
        return (b"subtree/v1\n\0" + bytes([len(cosigner)]) + cosigner + struct.pack(">Q", time)
                + bytes([len(origin)]) + origin + struct.pack(">QQ", 0, size) + root)


class Note:
    """A text, an empty line, and lines '— <name> <base64(id, signature)>'."""

    def __init__(self, note):
        split = note.rfind("\n\n")
        expect(split >= 0 and note.endswith("\n"), "expected a note: a text, an empty line and signatures")
        self.text = note[: split + 1]
        expect(not any(c < " " and c != "\n" for c in self.text), "expected the text of a note to have no control characters but newlines")
        self.signatures = []
        expect(note.count("\n", split + 2) <= 64, "expected at most 64 signatures")
        for line in note[split + 2 : -1].split("\n"):
            parts = line.split(" ")
            expect(len(parts) == 3 and parts[0] == "\u2014" and is_name(parts[1]), "expected a signature line, but got %r" % line)
            data = unbase64(parts[2])
            expect(len(data) > 4, "expected a signature, but got %r" % line)
            self.signatures.append((parts[1], data[:4], data[4:]))

    def signed_by(self, key):
        """Whether the key has signed. Each signature that claims to be the key's and is not good is wrong."""
        found = False
        for name, key_id, signature in self.signatures:
            if name == key.name and key_id == key.id:
                expect(key.verifies(self.text, signature),
                       "expected a good signature of %s, but it does not fit the text: one of the two was changed" % key)
                found = True
        return found


def checkpoint(text):
    """Origin, size and root."""
    lines = text.split("\n")
    expect(len(lines) >= 4 and lines[0] and lines[1].isdigit() and str(int(lines[1])) == lines[1] and int(lines[1]) < 1 << 63,
           "expected a checkpoint of origin, size and root, but got %r" % text)
    root = unbase64(lines[2])
    expect(len(root) == 32, "expected a root of 32 bytes, but got %d" % len(root))
    return lines[0], int(lines[1]), root


# Who may sign


class Trusted:
    """The keys that were given, and those to which statements of keys lead from them."""

    def __init__(self, origin, given, statements):
        self.origin = origin
        self.until = {key.text: (key, FOR_EVER) for key in given if key.name == origin}
        names = ", ".join(str(key) for key in given)
        expect(self.until, "expected a log whose key was given (%s), but this is of the log %s" % (names, origin))
        last = 0
        for note in statements:
            named, size, digest = checkpoint(note.text)
            lines = note.text.split("\n")[3:-1]
            expect(named == origin + "/keys" and size >= last, "expected statements of keys of %s in the order of their sizes" % origin)
            expect(lines and sha256("".join(line + "\n" for line in lines).encode()) == digest,
                   "expected the hash of the keys in a statement of keys, but got another")
            keys = [Key(line) for line in lines]
            last = size
            self.take(note, size, [key for key in keys if key.type in OF_LOGS])

    def take(self, note, size, keys):
        if not self.signed(note, size):
            # A statement from before the keys that were given says nothing here; one that names them has to be theirs.
            expect(all(self.until.get(key.text, (key, 0))[1] < FOR_EVER for key in keys),
                   "expected the statement of keys from size %d on to be signed by a key that signed before, but it is not" % size)
            return
        named = {key.text for key in keys}
        for text, (key, end) in list(self.until.items()):
            if end == FOR_EVER and text not in named:
                self.until[text] = (key, size)
        for key in keys:
            if key.name == self.origin:
                self.until[key.text] = (key, FOR_EVER)

    def signed(self, note, size):
        good = False
        for key, end in self.until.values():
            if note.signed_by(key) and size < end:
                good = True
        return good

    def check(self, note):
        origin, size, root = checkpoint(note.text)
        expect(origin == self.origin, "expected a checkpoint of the log %s, but got one of %s" % (self.origin, origin))
        if not self.signed(note, size):
            ended = ["%s, which signs nothing from size %d on" % (key, end)
                     for key, end in self.until.values() if note.signed_by(key)]
            raise Wrong("expected the checkpoint at size %d to be signed by a key of the log, but %s" % (
                size, "it is signed by " + " and ".join(ended) if ended else
                "only %s did" % ", ".join("%s+%s" % (name, key_id.hex()) for name, key_id, _ in note.signatures)))
        return size, root


# The tree


def root_by_inclusion(index, size, leaf, proof):
    """RFC 6962, section 2.1.1."""
    expect(0 <= index < size, "expected an index below the size %d, but got %d" % (size, index))
    hashes, node, last = list(proof), leaf, size - 1
    while last > 0:
        if index & 1 or index < last:
            expect(hashes, "expected more hashes in the proof, but there are only %d" % len(proof))
            sibling = hashes.pop(0)
            node = sha256(b"\1", sibling, node) if index & 1 else sha256(b"\1", node, sibling)
        index >>= 1
        last >>= 1
    expect(not hashes, "expected fewer hashes in the proof, but there are %d" % len(proof))
    return node


# Records


def counted(data):
    return struct.pack(">I", 0xFFFFFFFF) if data is None else struct.pack(">I", len(data)) + data


def optional(text):
    return None if text is None else unbase64(text)


def number(value, bits=64):
    """A JSON number without a fraction; to Python True is one as well."""
    expect(type(value) is int and -(1 << bits - 1) <= value < 1 << bits - 1, "expected a whole number of %d bits, but got %r" % (bits, value))
    return value


def text(value):
    expect(isinstance(value, str), "expected a text, but got %r" % (value,))
    return value


def execution_id(value):
    expect(str(uuid.UUID(text(value))) == value, "expected an id as 36 characters, but got %r" % value)
    return uuid.UUID(value).bytes


def of_fields(value, what, fields):
    expect(isinstance(value, dict) and set(value) == fields, "expected %s with the fields %s" % (what, ", ".join(sorted(fields))))
    return value


def record_hash(record):
    parts = [struct.pack(">q", number(record["timestamp"])), counted(optional(record["key"])), counted(optional(record["value"]))]
    parts.append(struct.pack(">I", len(record["headers"])))
    for name, value in record["headers"]:
        parts += [counted(text(name).encode()), counted(optional(value))]
    return sha256(*parts)


def protobuf(data):
    """The fields of a message, as (number, value): numbers for varints, bytes for the rest."""
    place = 0

    def varint():
        nonlocal place
        value = shift = 0
        while True:
            expect(place < len(data) and shift < 64, "expected an outcome, but the record is none")
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value & 0xFFFFFFFFFFFFFFFF

    while place < len(data):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, varint()
            continue
        expect(kind in (1, 2, 5), "expected an outcome, but the record is none")
        length = {1: 8, 5: 4}.get(kind) or varint() if kind != 2 else varint()
        expect(place + length <= len(data), "expected an outcome, but the record is none")
        yield tag >> 3, data[place : place + length]
        place += length


# The hashes within outcomes: docs/hashes.md


def numeric(message, field):
    expect(isinstance(message.get(field, 0), int), "expected an outcome, but the record is none")
    return message.get(field, 0)


def data(message, field):
    expect(isinstance(message.get(field, b""), bytes), "expected an outcome, but the record is none")
    return message.get(field, b"")


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def u32(value):
    return struct.pack(">I", value & 0xFFFFFFFF)


def i64(value):
    return struct.pack(">Q", value)


def part(value):
    return u32(len(value)) + value


def identity(message, field):
    value = data(message, field)
    expect(len(value) in (0, 16), "expected an id of 16 bytes, but got %d" % len(value))
    return value or bytes(16)


def rules(outcome):
    version = numeric(outcome, 8)
    expect(version in (2, 3, 4), "expected rules 2 to 4, whose hashes are known, but the outcome is of rules %d" % version)
    return version


def cause(outcome):
    principal = dict(protobuf(data(outcome, 3)))
    mac = numeric(outcome, 13)
    whole = part(data(outcome, 16)) if rules(outcome) >= 4 else b""
    asked = sha256(part(data(outcome, 1)), part(data(outcome, 2)), u32(numeric(principal, 1)), part(data(principal, 2)),
                   part(data(principal, 3)), part(data(outcome, 4)), part(data(outcome, 5)), part(data(outcome, 12)), u32(mac) if mac else b"", whole)
    return sha256(asked, i64(numeric(outcome, 6)), i64(numeric(outcome, 7)), u32(numeric(outcome, 8)))


def event_hash(previous, outcome, event):
    place = i64(numeric(event, 6)) + u32(numeric(event, 5)) + i64(numeric(event, 9))
    what = sha256(data(event, 8))
    if rules(outcome) == 2:
        return sha256(previous, identity(event, 2), place, part(data(event, 7)), what)
    return sha256(previous, cause(outcome), u32(numeric(event, 1)), identity(event, 2), identity(event, 3), identity(event, 4),
                  place, u32(numeric(event, 10)), part(data(event, 7)), what)


def state_hashed(outcome, settled):
    """What of it makes the state besides events: the clock, and what was due and was seen to."""
    hashed = i64(numeric(outcome, 14 if 14 in outcome else 7)) + u32(len(settled))
    for fields in settled:
        due = dict(fields)
        keys = [value for field, value in fields if field == 5]
        hashed += u32(numeric(due, 1)) + i64(numeric(due, 2)) + identity(due, 3) + part(data(due, 4)) + u32(len(keys))
        hashed += b"".join(part(key) for key in keys)
    return hashed


def partition_hash(previous, outcome, events, settled):
    """Of an outcome that is no refusal."""
    hashes = b"".join(data(event, 11) for event in events)
    if rules(outcome) == 2:
        ids = data(outcome, 1), data(outcome, 2)
        command = ids[0] if all(len(one) == 16 for one in ids) else bytes(16)
        return sha256(previous, i64(numeric(outcome, 6)), command, b"\0", hashes)
    state = state_hashed(outcome, settled) if rules(outcome) >= 4 else b""
    return sha256(previous, cause(outcome), b"\0", u32(len(events)), hashes, state)


def difference(outcome, value, offset):
    """What of the command the outcome says otherwise. A dispatcher copies all of it."""
    try:
        fields = list(protobuf(value))
        command = dict(fields)
        said = [("id", data(command, 1), data(outcome, 1)), ("organisation", data(command, 2), data(outcome, 2)),
                ("principal", principal(data(command, 3)), principal(data(outcome, 3))),
                ("origin", data(command, 5), data(outcome, 4)), ("trace", data(command, 8), data(outcome, 12))]
    except Wrong:
        raise Wrong("expected a command at offset %d, but the record is none" % offset)
    bodies = [field - FIRST_BODY for field, _ in fields if 0 <= field - FIRST_BODY < len(BODIES)]
    named = ("name", (BODIES[bodies[-1]] if bodies else "body_not_set").encode(), data(outcome, 5))
    said += [named, ("hash", sha256(value) if numeric(outcome, 8) >= 4 else b"", data(outcome, 16))]
    return next((what for what, there, here in said if there != here), None)


def principal(message):
    return {field: value for field, value in protobuf(message) if value not in (0, b"")}


class Records:
    """Checks the records of a file one after the other."""

    def __init__(self, head, size, root):
        self.head, self.size, self.root = head, size, root
        self.execution = execution_id(head["execution"])
        self.seen, self.last, self.events, self.type = 0, -1, 0, ""
        self.event_hash, self.partition_hash, self.followed = bytes(32), bytes(32), 0
        self.last_command = -1

    def take(self, line):
        record = parse(line, "a line with a record and its proof", {"index", "entry", "hashes", "outcome", "command"})
        expect(self.seen < self.head["records"], "expected %d records, but there are more" % self.head["records"])
        index = number(record["index"])
        expect(index > self.last, "expected a record behind index %d, but got one at %d: it is repeated, or stands in another's place"
               % (self.last, index))
        self.seen += 1
        try:
            self.check(index, record)
        except Wrong as wrong:
            raise Wrong("the record at index %d: %s" % (index, wrong))
        self.last = index

    def check(self, index, record):
        entry = unbase64(record["entry"])
        expect(len(entry) == 85 and entry[0] == 1, "expected an entry of version 1 and 85 bytes")
        partition, outcome_offset, outcome, command_offset, command = struct.unpack(">Iq32sq32s", entry[1:])
        proof = [unbase64(item) for item in record["hashes"]]
        root = root_by_inclusion(index, self.size, sha256(b"\0", entry), proof)
        expect(root == self.root, "expected its proof to lead to the root of the checkpoint, but it leads to %s: its entry is not in "
               "the log at this place, or the proof was changed" % base64.b64encode(root).decode())
        expect(partition == self.head["partition"], "expected an entry of partition %d, but got one of %d"
               % (self.head["partition"], partition))
        same("outcome", outcome_offset, outcome, record["outcome"])
        if record["command"] is None:
            expect(command_offset < 0, "expected its command, but it is left out")
        else:
            expect(command_offset >= 0, "expected no command, since the log knows none, but got one")
            same("command", command_offset, command, record["command"])
        self.follow(index, command_offset, optional(record["outcome"]["value"]) or b"", record["command"])

    def follow(self, index, command_offset, value, command):
        fields = list(protobuf(value))
        outcome = dict(fields)
        named = signed(numeric(outcome, 6))
        expect(named == command_offset, "expected the command at offset %d, which the outcome names, but the log knows %s: no dispatcher "
               "has written it so" % (named, "none" if command_offset < 0 else "the one at %d" % command_offset))
        if command is not None:
            differs = difference(outcome, optional(command["value"]) or b"", command_offset)
            expect(differs is None, "expected the %s of the command at offset %d, but the outcome has another: no dispatcher has written it so"
                   % (differs, command_offset))
        expect(command_offset > self.last_command, "expected the outcome of a command behind offset %d, but it is of the one at %d: no "
               "dispatcher has written it so" % (self.last_command, command_offset))
        self.last_command = command_offset
        expect(9 not in outcome, "expected an outcome with an event of execution %s, but it is a refusal: files of proofs have none"
               % self.head["execution"])
        events = [dict(protobuf(event)) for field, event in fields if field == 10]
        settled = [list(protobuf(due)) for field, due in fields if field == 15]
        ours = [event for event in events if data(event, 2) == self.execution]
        for event in ours:
            sequence = numeric(event, 6)
            expect(sequence == self.events + 1,
                   "expected event %d of the execution, but got event %d: a record before it was left out, or stands behind it"
                   % (self.events + 1, sequence))
            self.events += 1
            self.type = data(event, 7).decode()
        expect(ours, "expected an outcome with an event of execution %s, but it has none" % self.head["execution"])
        for event in ours:
            expect(data(event, 11) == event_hash(self.event_hash, outcome, event), "expected the hash of event %d to continue that of the "
                   "event before, but it does not: no dispatcher has written it so" % numeric(event, 6))
            self.event_hash = data(event, 11)
        if index == self.last + 1:  # the outcome before is in the file, or there is none
            expect(data(outcome, 11) == partition_hash(self.partition_hash, outcome, events, settled), "expected the running hash of the partition "
                   "to continue that of the outcome before, but it does not: no dispatcher has written it so")
            self.followed += 1
        self.partition_hash = data(outcome, 11)

    def end(self):
        expect(self.seen == self.head["records"], "expected %d records, but the file ends after %d"
               % (self.head["records"], self.seen))
        expect(self.events, "expected events of execution %s, but the file has none" % self.head["execution"])


def same(what, offset, expected, record):
    of_fields(record, "the " + what, {"offset", "timestamp", "key", "value", "headers"})
    expect(number(record["offset"]) == offset, "expected the %s at offset %d, but got the one at %s" % (what, offset, record["offset"]))
    expect(record_hash(record) == expected, "expected the %s at offset %d to be as the log has it, but it was changed" % (what, offset))


def once(pairs):
    expect(len({name for name, _ in pairs}) == len(pairs), "expected each field once, but one stands twice")
    return dict(pairs)


def parse(line, what, fields):
    try:
        value = json.loads(line, object_pairs_hook=once)
    except ValueError as e:
        raise Wrong("expected %s as a JSON object, but: %s" % (what, e))
    return of_fields(value, what, fields)


def verify(lines, keys, witnesses):
    first = next(lines, None)
    expect(first is not None, "expected a file of proofs, but the file is empty")
    head = parse(first, "the first line of a file of proofs",
                 {"format", "origin", "partition", "execution", "records", "checkpoint", "keys"})
    expect(head["format"] == FORMAT, "expected a file of proofs of the format %s, but got %r" % (FORMAT, head["format"]))
    number(head["records"], 32)
    expect(isinstance(head["keys"], list), "expected a list of statements of keys, but got %r" % (head["keys"],))
    execution_id(head["execution"])
    expect(text(head["origin"]).endswith("/%d" % number(head["partition"], 32)),
           "expected the log of partition %d, but the file is of %s" % (head["partition"], head["origin"]))
    note = Note(text(head["checkpoint"]))
    size, root = Trusted(head["origin"], keys, [Note(text(one)) for one in head["keys"]]).check(note)
    for witness in witnesses:
        expect(note.signed_by(witness), "expected the witness %s to have signed the checkpoint, but it has not" % witness.name)
    records = Records(head, size, root)
    for line in lines:
        records.take(line)
    records.end()
    print("good: execution %s, %d records with %d events, the last of them %s" % (head["execution"], records.seen, records.events, records.type))
    print("hashes checked: of all events, and the running hash of the partition of %d records, whose outcome before is in the file"
          % records.followed)
    print("log %s at size %d, root %s, signed by %d witnesses of those given"
          % (head["origin"], size, base64.b64encode(root).decode(), len({key.name for key in witnesses})))
    print("signatures checked: Ed25519 and ML-DSA-44" if HAS_ML_DSA else
          "signatures checked: Ed25519 only; those of ML-DSA-44 were passed over, since this library 'cryptography' does not know it")


def read_keys(given):
    for text in given:
        if os.path.isfile(text):
            with open(text, encoding="utf-8") as file:
                yield from (Key(line.strip()) for line in file if line.strip())
        else:
            yield Key(text)


def main():
    options = argparse.ArgumentParser(description="Checks a file of proofs of Millrace.")
    options.add_argument("file")
    options.add_argument("--key", action="append", required=True, help="verifier key of the log, or a file of them")
    options.add_argument("--witness", action="append", default=[], help="verifier key of a witness that has to have signed")
    given = options.parse_args()
    try:
        keys = [key for key in read_keys(given.key) if key.type in OF_LOGS]
        asked = list(read_keys(given.witness))
        witnesses = [key for key in asked if key.type in OF_WITNESSES]
        unchecked = {key.name for key in asked} - {key.name for key in witnesses}
        expect(not unchecked, "expected a key of each witness whose signatures can be checked here, but there is none of " + ", ".join(sorted(unchecked)))
        with open(given.file, encoding="utf-8", newline="\n") as file:
            verify((line.rstrip("\n") for line in file), keys, witnesses)
    except (Wrong, OSError, KeyError, TypeError, ValueError, struct.error) as wrong:
        print("verify.py: %s" % (wrong if isinstance(wrong, (Wrong, OSError)) else "expected a field of another form: %r" % wrong), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
