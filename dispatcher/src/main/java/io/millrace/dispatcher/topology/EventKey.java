package io.millrace.dispatcher.topology;

/** Key of an outcome on the events topic, with the partition it must go to: that of its command. */
record EventKey(int partition, byte[] key) {}
