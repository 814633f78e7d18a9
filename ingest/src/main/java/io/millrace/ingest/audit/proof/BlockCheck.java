package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.proof.LineBlocks.Block;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.TlogException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads and checks the records of blocks of lines. What it learns from one block makes the next one quicker. One thread. */
final class BlockCheck {

    private final WrittenLine written = new WrittenLine();
    private final RecordCheck records;

    /** @param checkpoint that all proofs have to lead to */
    BlockCheck(ProofHead head, Checkpoint checkpoint) {
        this.records = new RecordCheck(head, checkpoint);
    }

    /**
     * Records of a block.
     *
     * @param records in order
     * @param failure why the line behind them could not be read; nothing: they are all
     */
    record CheckedBlock(List<CheckedRecord> records, Optional<TlogException> failure) {}

    CheckedBlock check(Block block) {
        List<CheckedRecord> checked = new ArrayList<>();
        CheckedRecord before = null;
        for (int from = block.from(), to; from < block.to(); from = to + 1) {
            Optional<ProvedRecord> quick = written.read(block.bytes(), from, block.to());
            to = quick.isPresent() ? written.lineEnd() : block.lineEnd(from);
            ProvedRecord record;
            try {
                record = quick.isPresent() ? quick.get() : ProofJson.record(text(block.bytes(), from, to));
            } catch (TlogException e) {
                return new CheckedBlock(checked, Optional.of(e));
            }
            before = records.check(record, before);
            checked.add(before);
        }
        return new CheckedBlock(checked, Optional.empty());
    }

    /** @throws TlogException if the bytes are no UTF-8 */
    static String text(byte[] bytes, int from, int to) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new TlogException("expected a file of proofs as a text in UTF-8, but it is none", e);
        }
    }
}
