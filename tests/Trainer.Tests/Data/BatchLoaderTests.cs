using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public sealed class BatchLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 5, 5)]
    [InlineData(4, 10, 3)]
    [InlineData(32, 64, 2)]
    [InlineData(32, 65, 3)]
    [InlineData(32, 3, 1)]
    public void Batches_follow_the_order_and_the_last_may_be_partial(int batchSize, int count, int batches)
    {
        var set = new FakeSet(null, count);
        var loader = new BatchLoader(set, batchSize);
        int[] order = [.. Enumerable.Range(0, count).Reverse()];
        var contexts = new float[batchSize * 20];
        var targets = new float[batchSize * 4];
        Assert.Equal(batches, loader.BatchCount(count));
        var seen = new List<int>();
        for (int batch = 0; batch < batches; batch++)
        {
            int rows = loader.Fill(order, batch, contexts, targets);
            Assert.Equal(Math.Min(batchSize, count - batch * batchSize), rows);
            for (int row = 0; row < rows; row++)
            {
                seen.Add((int)targets[row * 4]);
                Assert.Equal(5, targets[row * 4 + 1]);
                for (int slot = 0; slot < 5; slot++)
                    Assert.Equal((seen[^1], slot), ((int)contexts[(row * 5 + slot) * 4], (int)contexts[(row * 5 + slot) * 4 + 1]));
            }
        }
        Assert.Equal(order, seen);
    }

    [Fact]
    public void Only_training_batches_are_corrupted()
    {
        var set = new FakeSet(null, 64, dimension: 16);
        var loader = new BatchLoader(set, 64);
        int[] order = [.. Enumerable.Range(0, 64)];
        var (plain, noised) = (new float[64 * 80], new float[64 * 80]);
        var (plainTargets, noisedTargets) = (new float[64 * 16], new float[64 * 16]);
        loader.Fill(order, 0, plain, plainTargets);
        loader.Fill(order, 0, new LastSlotNoise(0.5f, 1), 17, noised, noisedTargets);
        Assert.Equal(plainTargets, noisedTargets);
        int changed = Enumerable.Range(0, 64).Count(row => !plain.AsSpan(row * 80, 80).SequenceEqual(noised.AsSpan(row * 80, 80)));
        Assert.InRange(changed, 16, 48);
        float[] again = new float[64 * 80];
        loader.Fill(order, 0, new LastSlotNoise(0.5f, 1), 17, again, noisedTargets);
        Assert.Equal(noised, again);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_allocated(bool deflated)
    {
        string path = RandomVectors.Sequences(new Random(1), 64, 96, deflated).Write(_folder["a.npz"]);
        using ISequenceSet file = SequenceSet.Open(path);
        using ISequenceSet store = SequenceSet.Open(Fixture.Of("store_f16.npz"));
        foreach (ISequenceSet set in new[] { file, store })
        {
            var loader = new BatchLoader(set, 8);
            int[] sequences = [.. Enumerable.Range(0, set.Count)];
            var epochs = new EpochOrder(sequences, 1, shuffle: true);
            var order = new int[set.Count];
            var contexts = new float[8 * 5 * set.Dimension];
            var targets = new float[8 * set.Dimension];
            Epoch(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Epoch(1);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

            void Epoch(int epoch)
            {
                epochs.Fill(epoch, order);
                for (int batch = 0; batch < loader.BatchCount(order.Length); batch++)
                    loader.Fill(order, batch, new LastSlotNoise(0.5f, 1), batch, contexts, targets);
            }
        }
    }

    [Fact]
    public void Batches_outside_the_order_are_refused()
    {
        var loader = new BatchLoader(new FakeSet(null, 10), 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Fill([1, 2, 3], 1, new float[80], new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Fill([1, 2, 3], -1, new float[80], new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchLoader(new FakeSet(null, 10), 0));
    }
}
