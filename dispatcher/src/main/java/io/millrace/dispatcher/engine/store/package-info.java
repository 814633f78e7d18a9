/**
 * How state rests: tables, keys and stored forms, each with its number. Forms of earlier versions stay readable. The storage
 * itself is an interface; Kafka Streams' is in {@code topology}.
 */
@NullMarked
package io.millrace.dispatcher.engine.store;

import org.jspecify.annotations.NullMarked;
