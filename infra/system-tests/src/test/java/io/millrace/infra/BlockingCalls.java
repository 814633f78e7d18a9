package io.millrace.infra;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Each method waits in a way of its own, so that {@link EventLoopsTest} can show that it finds them all. */
@SuppressWarnings("WaitNotInLoop") // nothing is waited for
class BlockingCalls {

    void sleeps() throws InterruptedException {
        Thread.sleep(1);
    }

    void sleepsInUnits() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(1);
    }

    void waitsForAFuture(Future<String> answer) throws Exception {
        answer.get();
    }

    void joinsAFuture(CompletableFuture<String> answer) {
        answer.join();
    }

    Function<CompletableFuture<String>, String> joinsAFutureLater() {
        return CompletableFuture::join;
    }

    void joinsAThread(Thread other) throws InterruptedException {
        other.join();
    }

    void waitsForALatch(CountDownLatch latch) throws InterruptedException {
        latch.await();
    }

    void waitsForACondition(Condition condition) throws InterruptedException {
        condition.await();
    }

    void waitsForAPermit(Semaphore permits) throws InterruptedException {
        permits.acquire();
    }

    void waitsForAnElement(BlockingQueue<String> queue) throws InterruptedException {
        queue.take();
    }

    void waitsForAnExecutor(ExecutorService executor) throws InterruptedException {
        executor.awaitTermination(1, TimeUnit.SECONDS);
    }

    void parks() {
        LockSupport.park();
    }

    void sends(KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> message) {
        producer.send(message);
    }

    void asksOverHttp(HttpClient client, HttpRequest request) throws Exception {
        client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    void asksADatabase(Connection connection) throws SQLException {
        connection.commit();
    }
}
