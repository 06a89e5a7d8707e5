using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// Which samples of a split each test looks at, ascending: for the original's tests the first in file order that the test accepts, up to the
/// limit; for the corrected measures one random choice from the whole split, so that all of them, and all baselines, see the same samples.
/// </summary>
internal sealed class SampleChoice
{
    /// <summary>Rows of an article that test B asks for.</summary>
    public const int SmallestPool = 6;

    /// <summary>Offsets of test A reach this far to both sides of the target.</summary>
    public const int Reach = 3;

    private const ulong ChoiceStream = 1, PartnerStream = 2;
    private const int MiniSamples = Mini5Cat.MaxBatches * MiniBatch;

    /// <summary>Windows in a batch of mini-5CAT.</summary>
    public const int MiniBatch = 32;

    /// <summary>Chooses.</summary>
    /// <param name="split">The split.</param>
    /// <param name="limit">Most samples for one test.</param>
    /// <param name="horizon">Steps of a rollout.</param>
    /// <param name="seed">Seed of the random choice.</param>
    /// <exception cref="InputException">A test would have no sample.</exception>
    public SampleChoice(FiveCatSplit split, int limit, int horizon, long seed)
    {
        Offsets = First(split.Count, limit, sample => split.HasOffsets(sample, -Reach, Reach));
        Retrieval = First(split.Count, limit, sample => split.RowsAround(sample) >= SmallestPool);
        Leading = First(split.Count, limit, _ => true);
        Rollout = First(split.Count, limit, sample => split.HasOffsets(sample, 1, horizon));
        Mini = [.. Leading.Take(MiniSamples)];
        if (Offsets.Length == 0)
            throw new InputException($"{split.Set.Path}: no target has rows -{Reach} .. +{Reach} around it, which test A needs; its articles are too short.");
        if (Retrieval.Length == 0)
            throw new InputException($"{split.Set.Path}: no target lies in an article of {SmallestPool} rows, which test B needs.");
        Corrected = AtRandom(split.Count, limit, CounterRandom.Mix((ulong)seed, ChoiceStream));
        Partners = PartnersOf(split, Corrected, CounterRandom.Mix((ulong)seed, PartnerStream));
        All = [.. Offsets.Concat(Retrieval).Concat(Leading).Concat(Rollout).Concat(Corrected).Distinct().Order()];
        CorrectedInAll = [.. Corrected.Select(sample => Array.BinarySearch(All, sample))];
    }

    /// <summary>Test A.</summary>
    public int[] Offsets { get; }

    /// <summary>Test B.</summary>
    public int[] Retrieval { get; }

    /// <summary>Tests C and E: simply the first of the file.</summary>
    public int[] Leading { get; }

    /// <summary>Test D.</summary>
    public int[] Rollout { get; }

    /// <summary>The ten batches of mini-5CAT.</summary>
    public int[] Mini { get; }

    /// <summary>The corrected measures.</summary>
    public int[] Corrected { get; }

    /// <summary>For each of <see cref="Corrected"/> its index in <see cref="All"/>.</summary>
    public int[] CorrectedInAll { get; }

    /// <summary>For each of <see cref="Corrected"/> the index in it of a sample from another article; −1 where all are from one article.</summary>
    public int[] Partners { get; }

    /// <summary>Every sample that is chosen for something.</summary>
    public int[] All { get; }

    private static int[] First(int count, int limit, Func<int, bool> accepts) => [.. Enumerable.Range(0, count).Where(accepts).Take(limit)];

    private static int[] AtRandom(int count, int limit, ulong key)
    {
        var order = new int[count];
        new EpochOrder(Enumerable.Range(0, count).ToArray(), key, shuffle: true).Fill(0, order);
        return [.. order.Take(limit).Order()];
    }

    private static int[] PartnersOf(FiveCatSplit split, int[] samples, ulong key)
    {
        var partners = new int[samples.Length];
        if (samples.Select(split.ArticleOf).Distinct().Count() < 2)
        {
            Array.Fill(partners, -1);
            return partners;
        }

        for (int i = 0; i < samples.Length; i++)
        {
            ulong draws = CounterRandom.Mix(key, (ulong)i);
            ulong draw = 0;
            do
            {
                partners[i] = CounterRandom.Below(samples.Length, draws, draw++);
            }
            while (split.ArticleOf(samples[partners[i]]) == split.ArticleOf(samples[i]));
        }

        return partners;
    }
}
