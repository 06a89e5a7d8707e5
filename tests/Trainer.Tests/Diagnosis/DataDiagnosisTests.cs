using P6bNative.Trainer.Building;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Diagnosis;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Diagnosis;

public sealed class DataDiagnosisTests : IDisposable
{
    // Directions in degrees of two articles of 10 and 7 rows; a third is too short for any window.
    private static readonly double[][] _articles =
    [
        [0, 20, 50, 45, 90, 100, 160, 170, 130, 110],
        [10, 200, 30, 60, 75, 5, 40],
        [1, 2, 3],
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_four_figures_and_the_curve_are_the_means_of_their_formulas()
    {
        DataDiagnosis found = Diagnose(Store("a.npz"));
        // Windows of 7 rows begin at 0..3 of the first article and 0 of the second, of 6 rows at 0..4 and 0..1; a is the article, i the start.
        (int a, int i)[] p6 = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)];
        (int a, int i)[] next = [.. p6, (0, 4), (1, 1)];
        Dictionary<string, (double Mean, long Windows)> expected = new()
        {
            ["lag2_minus_lag1_ahead"] = (p6.Average(w => Cos(w.a, w.i + 4, w.i + 6) - Cos(w.a, w.i + 4, w.i + 5)), 5),
            ["lag2_minus_lag1_across"] = (p6.Average(w => Cos(w.a, w.i + 4, w.i + 6) - Cos(w.a, w.i + 4, w.i + 3)), 5),
            ["lag1_minus_lag5"] = (next.Average(w => Cos(w.a, w.i + 4, w.i + 5) - Cos(w.a, w.i, w.i + 5)), 7),
            ["lag1_after_minus_lag1_before"] = (next.Average(w => Cos(w.a, w.i + 4, w.i + 5) - Cos(w.a, w.i + 4, w.i + 3)), 7),
        };
        Assert.Equal(expected.Keys, found.Direction.Select(figure => figure.Name));
        Assert.All(found.Direction, figure => AssertClose(expected[figure.Name], (figure.Mean, figure.Windows)));
        // Only the first window of the first article has target + 3, in row 9.
        Assert.Equal([-3, -2, -1, 0, 1, 2, 3], found.Curve.Select(point => point.Offset));
        Assert.All(found.Curve, point => AssertClose((Cos(0, 4, 6 + point.Offset), 1), (point.Mean, point.Windows)));
        Assert.Empty(found.Unanswered);
        DataDiagnosis atBase = Diagnose(Store("a.npz"), targetOffset: 0);
        (int a, int i)[] wide = [(0, 0), (0, 1)];
        Assert.All(atBase.Curve, point => AssertClose((wide.Average(w => Cos(w.a, w.i + 4, w.i + 5 + point.Offset)), 2), (point.Mean, point.Windows)));
        Assert.Equal(found.Direction, atBase.Direction);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_sequence_file_with_its_store_says_what_the_store_says(int offset)
    {
        string store = Store("a.npz");
        string sequences = Make(store, "s.npz", "--target-offset", $"{offset}");
        DataDiagnosis alone = Diagnose(store, targetOffset: offset);
        DataDiagnosis found = Diagnose(sequences, store: store);
        Assert.Equal(offset, found.TargetOffset);
        // A P6 file lacks the windows that end with their article, a base file has them without a P6 target.
        string[] same = offset == 0 ? [.. alone.Direction.Select(figure => figure.Name)] : ["lag2_minus_lag1_ahead", "lag2_minus_lag1_across"];
        foreach (DirectionFigure figure in found.Direction.Where(figure => same.Contains(figure.Name)))
        {
            DirectionFigure other = alone.Direction.Single(other => other.Name == figure.Name);
            AssertClose((other.Mean, other.Windows), (figure.Mean, figure.Windows));
        }
        Assert.Equal(alone.Direction.Select(figure => figure.Name), found.Direction.Select(figure => figure.Name));
        Assert.Equal(alone.Curve.Count, found.Curve.Count);
        Assert.All(alone.Curve.Zip(found.Curve), pair => AssertClose((pair.First.Mean, pair.First.Windows), (pair.Second.Mean, pair.Second.Windows)));
        Assert.Equal(0, found.Boundaries.AnyContext);
    }

    [Fact]
    public void A_sequence_file_alone_gives_the_figures_it_can_and_says_which_it_cannot()
    {
        string store = Store("a.npz");
        DataDiagnosis p6 = Diagnose(Make(store, "p6.npz"));
        DirectionFigure across = Assert.Single(p6.Direction);
        DirectionFigure expected = Diagnose(store).Direction[1];
        Assert.Equal(expected.Name, across.Name);
        AssertClose((expected.Mean, expected.Windows), (across.Mean, across.Windows));
        Assert.Empty(p6.Curve);
        Assert.Contains(p6.Unanswered, line => line.Contains("--store", StringComparison.Ordinal));
        DataDiagnosis atBase = Diagnose(Make(store, "base.npz", "--target-offset", "0"));
        Assert.Equal(["lag1_minus_lag5", "lag1_after_minus_lag1_before"], atBase.Direction.Select(figure => figure.Name));
        Assert.All(atBase.Direction.Zip(Diagnose(store).Direction.Skip(2)),
            pair => AssertClose((pair.Second.Mean, pair.Second.Windows), (pair.First.Mean, pair.First.Windows)));
        DataDiagnosis unknown = Diagnose(Fixture.Of("p6_compat.npz"));
        Assert.Null(unknown.TargetOffset);
        Assert.Empty(unknown.Direction);
        Assert.Contains(unknown.Unanswered, line => line.Contains("--target-offset", StringComparison.Ordinal));
        Assert.Equal("lag2_minus_lag1_across", Assert.Single(Diagnose(Fixture.Of("p6_compat.npz"), targetOffset: 1).Direction).Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Windows_that_cross_are_counted_over_all_five_contexts(int offset)
    {
        long[] articles = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4];
        float[] vectors = RandomVectors.Unit(new Random(3), articles.Length, 4);
        long[] chunks = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 0, 1, 0, 1, 2, 3, 4, 5];
        string store = new NpzBuilder().Floats("vectors", vectors, articles.Length, 4).Integers("article_indices", articles)
            .Integers("chunk_indices", chunks).Write(_folder["a.npz"]);
        int[] targets = [.. Enumerable.Range(5, articles.Length - 5).Where(row => row + offset < articles.Length && articles[row + offset] == articles[row])];
        int any = targets.Count(row => articles[(row - 5)..row].Any(article => article != articles[row]));
        int last = targets.Count(row => articles[row - 1] != articles[row]);
        BoundaryCrossings ofStore = Diagnose(store, targetOffset: offset).Boundaries;
        Assert.Equal((targets.Length, any, last, (int?)null), (ofStore.Count, ofStore.AnyContext, ofStore.LastContext, ofStore.TooEarly));
        string sequences = Make(store, "s.npz", "--straddle", "--target-offset", $"{offset}");
        BoundaryCrossings ofFile = Diagnose(sequences).Boundaries;
        Assert.Equal((targets.Length, any, last, any), (ofFile.Count, ofFile.AnyContext, ofFile.LastContext, ofFile.TooEarly));
        Assert.Equal(ofFile, Diagnose(sequences, store: store).Boundaries);
    }

    [Fact]
    public void Files_of_the_original_say_of_the_last_context_only_and_the_store_of_all()
    {
        // Articles of 9, 7, 4, 12, 6, 3 and 10 rows; chunk 5 of the fourth is missing (Fixtures/data/make_sequences.py).
        int[] lengths = [9, 7, 4, 12, 6, 3, 10];
        BoundaryCrossings alone = Diagnose(Fixture.Of("made_p6_all.npz")).Boundaries;
        // The target of a window whose ctx4 ends the article before is chunk 1; the first article has none before it.
        Assert.Equal((null, 6), (alone.AnyContext, alone.LastContext));
        // Targets of chunk 1..5, as far as the article has them; the fourth lacks chunk 5, so nothing is at 4 + 1.
        int early = lengths.Skip(1).Sum(length => Math.Min(5, length - 1)) - 1;
        Assert.Equal(early, alone.TooEarly);
        DataDiagnosis asked = Diagnose(Fixture.Of("made_p6_all.npz"), store: Fixture.Of("made_store.npz"));
        // Behind the gap contexts are the rows before, of the same article.
        Assert.Equal(early, asked.Boundaries.AnyContext);
        Assert.Equal("arrow of time", Assert.Single(Diagnose(Fixture.Of("made_p6_all.npz"), arrow: true).Unanswered.Skip(1)).Split(':')[0]);
        Assert.Empty(asked.Unanswered);
    }

    [Fact]
    public void Parity_compares_the_four_statistics_with_the_tolerances_of_the_original()
    {
        string train = Synthetic("train.npz", seed: 1, .45, .4), val = Synthetic("val.npz", seed: 2, .45, .4), other = Synthetic("other.npz", seed: 3, .7, .6);
        DataDiagnosis found = DataDiagnosis.Of(new DiagnosisRequest(val, train, other, null, null, false, 1, 1), () => throw new InvalidOperationException());
        Assert.Equal([("val", true), ("ood", false)], found.Parity.Select(parity => (parity.Role, parity.Matches)));
        Assert.Equal([.02, .01, .01, .05], found.Parity[0].Figures.Select(figure => figure.Tolerance));
        using ISequenceSet set = SequenceSet.Open(val);
        SequenceCosines cosines = SequenceCosines.Of(set);
        Assert.Equal([cosines.ToTarget[4], cosines.ToTarget[4] - cosines.ToTarget[0], cosines.LastToBefore - cosines.ToTarget[4], cosines.ShareLastCloser],
            found.Parity[0].Figures.Select(figure => figure.Other));
        Assert.Equal(found.Parity[0].Figures.Select(figure => figure.Train), found.Parity[1].Figures.Select(figure => figure.Train));
        // Without a training file the file itself is what the other domain is compared with.
        Assert.Equal(["ood"], DataDiagnosis.Of(new DiagnosisRequest(train, null, other, null, null, false, 1, 1), () => throw new InvalidOperationException())
            .Parity.Select(parity => parity.Role));
    }

    [Fact]
    public void Statistics_of_sequences_are_the_means_of_their_formulas()
    {
        float[] contexts = [.. new double[] { 0, 30, 60, 90, 120, 10, 20, 30, 40, 50 }.SelectMany(Direction)];
        float[] targets = [.. new double[] { 100, 5 }.SelectMany(Direction)];
        string file = new NpzBuilder().Floats("contexts", contexts, 2, 5, 2).Floats("targets", targets, 2, 2).Write(_folder["s.npz"]);
        using ISequenceSet set = SequenceSet.Open(file);
        SequenceCosines found = SequenceCosines.Of(set);
        Assert.Equal((Cos(100) + Cos(5)) / 2, found.ToTarget[0], 1e-6);
        Assert.Equal((Cos(20) + Cos(45)) / 2, found.LastToTarget, 1e-6);
        Assert.Equal((Cos(30) + Cos(10)) / 2 - found.LastToTarget, found.BeforeMinusTarget, 1e-6);
        Assert.Equal(0.5, found.ShareLastCloser);

        static double Cos(double degrees) => Math.Cos(degrees * Math.PI / 180);
    }

    [Theory]
    [InlineData("store_f16.npz", "--store", "store_f16.npz", "is an article store itself")]
    [InlineData("p6_sequences.npz", "--store", "store_f16.npz", "512")]
    [InlineData("p6_sequences.npz", "--store", "p6_sequences.npz", "vectors")]
    [InlineData("p6_sequences.npz", "--target-offset", "0", "offset 1")]
    [InlineData("p6_sequences.npz", "--target-offset", "2", "--target-offset 2")]
    [InlineData("p6_sequences.npz", "--train", "store_f16.npz", "components")]
    [InlineData("made_base_all.npz", "--train", "made_p6_all.npz", "offset 0")]
    [InlineData("made_p6_all.npz", "--ood", "kinds_stored.npz", "neither")]
    [InlineData("made_p6_all.npz", "--train", "nowhere.npz", "no such file")]
    [InlineData("made_store.npz", "--device", "opencl:99", "--device")]
    public void Files_and_flags_that_do_not_fit_are_refused(string file, string flag, string value, string word)
    {
        string path = value.EndsWith(".npz", StringComparison.Ordinal) ? Fixture.Of(value) : value;
        TestConsole.Run("data", "inspect", Fixture.Of(file), flag, path).AssertRefused(word);
    }

    [Fact]
    public void Flags_of_the_arrow_test_do_not_apply_without_it() =>
        TestConsole.Run("data", "inspect", Fixture.Of("made_store.npz"), "--no-arrow", "--threads", "2").AssertRefused("--threads", "--no-arrow");

    [Fact]
    public void A_store_of_other_vectors_is_not_taken_for_the_source()
    {
        string store = Store("a.npz");
        string sequences = Make(store, "s.npz");
        string turned = Store("b.npz", turn: 90);
        Assert.Contains("none of the targets", Refusal.Of(turned, () => Diagnose(sequences, store: turned)), StringComparison.Ordinal);
        string nameless = RandomVectors.Sequences(new Random(1), 5, 2).Write(_folder["n.npz"]);
        Assert.Contains("which article", Refusal.Of(nameless, () => Diagnose(nameless, store: store, targetOffset: 1)), StringComparison.Ordinal);
    }

    private static DataDiagnosis Diagnose(string path, string? store = null, int? targetOffset = null, bool arrow = false) =>
        DataDiagnosis.Of(new DiagnosisRequest(path, null, null, store, targetOffset, arrow, Seed: 1, Threads: 1),
            () => throw new InvalidOperationException("No device is needed."));

    private string Store(string name, double turn = 0) => new NpzBuilder()
        .Floats("vectors", [.. _articles.SelectMany(article => article).SelectMany(degrees => Direction(degrees + turn))], 20, 2)
        .Integers("article_indices", [.. _articles.SelectMany((article, i) => article.Select(_ => (long)i))])
        .Integers("chunk_indices", [.. _articles.SelectMany(article => article.Select((_, chunk) => (long)chunk))]).Write(_folder[name]);

    private string Make(string store, string name, params string[] flags)
    {
        TestConsole run = TestConsole.Run(["data", "make", store, "--out", _folder[name], .. flags]);
        Assert.True(run.ExitCode == 0, run.Error);
        return _folder[name];
    }

    private string Synthetic(string name, long seed, params double[] lags)
    {
        new SyntheticStream(60, 30, 48, lags, seed).Write(_folder[name]);
        return _folder[name];
    }

    private static double Cos(int article, int row, int other) => Math.Cos((_articles[article][row] - _articles[article][other]) * Math.PI / 180);

    private static float[] Direction(double degrees) => [(float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180)];

    private static void AssertClose((double Mean, long Windows) expected, (double Mean, long Windows) actual)
    {
        Assert.Equal(expected.Windows, actual.Windows);
        Assert.Equal(expected.Mean, actual.Mean, 1e-6);
    }
}
