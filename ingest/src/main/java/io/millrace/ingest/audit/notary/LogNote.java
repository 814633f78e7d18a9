package io.millrace.ingest.audit.notary;

import java.util.Optional;

/**
 * What others have noted on a log for its notary.
 *
 * @param partition whose log it is
 * @param wantedSize a checkpoint of at least this size is wanted at once
 * @param fault what is wrong; nothing is signed then
 */
record LogNote(int partition, long wantedSize, Optional<String> fault) {}
