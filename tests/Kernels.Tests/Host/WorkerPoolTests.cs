using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Tests.Host;

public sealed unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Every_worker_runs_once_and_is_waited_for(int threads)
    {
        using var pool = new WorkerPool(threads);
        int* calls = stackalloc int[8];
        for (int round = 0; round < 400; round++)
        {
            int workers = 1 + round % threads;
            new Span<int>(calls, 8).Clear();
            pool.Run(&Count, calls, workers);
            for (int i = 0; i < 8; i++)
                Assert.Equal(i < workers ? workers : 0, calls[i]);
        }
    }

    [Fact]
    public void Parked_workers_wake_up()
    {
        using var pool = new WorkerPool(3);
        int* calls = stackalloc int[8];
        for (int round = 0; round < 5; round++)
        {
            // Long enough that the workers give up spinning.
            Thread.Sleep(10);
            new Span<int>(calls, 8).Clear();
            pool.Run(&Count, calls, 3);
            Assert.Equal(3, calls[1]);
            Assert.Equal(3, calls[2]);
        }
    }

    [Fact]
    public void Zero_threads_means_every_core()
    {
        using var pool = new WorkerPool(0);
        Assert.Equal(Environment.ProcessorCount, pool.Threads);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(-1));
        var pool = new WorkerPool(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Run(&Count, null, 3));
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(&Count, null, 2));
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        int* calls = stackalloc int[8];
        pool.Run(&Count, calls, 2);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            pool.Run(&Count, calls, 2);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Partitions_cover_everything_once_in_whole_granules()
    {
        var random = new Random(7);
        for (int round = 0; round < 500; round++)
        {
            long items = random.Next(0, 1000);
            int workers = random.Next(1, 9), granule = random.Next(1, 40);
            long next = 0;
            for (int worker = 0; worker < workers; worker++)
            {
                Partition part = Partition.Of(items, worker, workers, granule);
                Assert.Equal(next, Math.Min(part.Start, items));
                Assert.True(part.Start >= part.End || part.Start % granule == 0);
                next = Math.Max(next, part.End);
            }
            Assert.Equal(items, next);
        }
    }

    private static void Count(void* arguments, int worker, int workers) => ((int*)arguments)[worker] += workers;
}
