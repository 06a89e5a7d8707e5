using FsCheck;
using FsCheck.Fluent;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public class EpochOrderTests
{
    [Fact]
    public void Every_epoch_is_a_permutation_and_a_function_of_seed_and_epoch() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(), ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<int[]>(), (seed, epoch, sequences) =>
        {
            int[] order = Fill(sequences, (ulong)seed, epoch.Get);
            return order.Order().SequenceEqual(sequences.Order()) && order.SequenceEqual(Fill(sequences, (ulong)seed, epoch.Get));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Seeds_and_epochs_differ()
    {
        int[] sequences = [.. Enumerable.Range(0, 200)];
        int[][] orders = [.. from seed in Enumerable.Range(0, 10) from epoch in Enumerable.Range(0, 10) select Fill(sequences, (ulong)seed, epoch)];
        Assert.Equal(100, orders.Select(order => string.Join(',', order)).Distinct().Count());
        Assert.DoesNotContain(orders, order => order.SequenceEqual(sequences));
    }

    [Fact]
    public void Every_place_is_equally_likely()
    {
        const int Size = 6;
        const int Draws = 60_000;
        var counts = new int[Size, Size];
        int[] sequences = [.. Enumerable.Range(0, Size)];
        var order = new int[Size];
        var epochs = new EpochOrder(sequences, 7, shuffle: true);
        for (int epoch = 0; epoch < Draws; epoch++)
        {
            epochs.Fill(epoch, order);
            for (int place = 0; place < Size; place++)
                counts[place, order[place]]++;
        }
        // Binomial(60000, 1/6): mean 10000, standard deviation 91; five of them.
        foreach (int count in counts)
            Assert.InRange(count, 10_000 - 456, 10_000 + 456);
    }

    [Fact]
    public void Without_shuffle_file_order_stays()
    {
        int[] sequences = [3, 5, 8, 13];
        var order = new int[4];
        new EpochOrder(sequences, 1, shuffle: false).Fill(9, order);
        Assert.Equal(sequences, order);
    }

    [Fact]
    public void The_order_of_a_seed_never_changes()
    {
        // A resumed run depends on it.
        int[] sequences = [.. Enumerable.Range(0, 10)];
        Assert.Equal([4, 7, 6, 8, 0, 3, 1, 2, 5, 9], Fill(sequences, 42, 0));
        Assert.Equal([8, 7, 9, 2, 0, 6, 5, 3, 1, 4], Fill(sequences, 42, 1));
    }

    private static int[] Fill(int[] sequences, ulong seed, int epoch)
    {
        var order = new int[sequences.Length];
        new EpochOrder(sequences, seed, shuffle: true).Fill(epoch, order);
        return order;
    }
}
