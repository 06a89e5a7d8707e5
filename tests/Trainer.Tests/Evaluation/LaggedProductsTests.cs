using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Evaluation;

public sealed class LaggedProductsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, string> Windows => new MatrixTheoryData<int, string>([0, 1, 2, 3, 4, 7], ["all", "gaps", "single", "shuffled"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Windows))]
    public void Are_the_products_of_all_pairs_of_slots(int offset, string choice)
    {
        using ArticleStore store = Store(offset, dimension: 7, [60, 3, 11 + offset, 6 + offset, 5 + offset, 25, 8 + offset]);
        int[] sequences = Choose(store, choice);
        var rows = new StoreRows(store, sequences);
        (double[] gram, double[] cross) = Products(new SequenceRows(store, sequences));
        foreach ((string name, double tolerance) in new[] { ("reference", 1e-14), ("host", 3e-7) })
        {
            using Device device = DeviceCatalog.Open(name, 2);
            using var sums = new ProductSums(device, rows);
            var equations = new NormalEquations(rows.InputWidth, rows.OutputWidth);
            new LaggedProducts(rows).AddTo(equations, sums, TestContext.Current.CancellationToken);
            RequireNear(gram, LowerTriangle(equations.Gram.Values, rows.InputWidth), tolerance * sequences.Length);
            RequireNear(cross, equations.Cross.Values, tolerance * sequences.Length);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_store_is_fitted_as_the_same_windows_of_any_other_set(int offset)
    {
        // More windows than a block of products has, and more edges.
        using ArticleStore store = Store(offset, dimension: 3, [.. Enumerable.Range(0, 4200).Select(article => 4 + article % 27)]);
        int[] sequences = [.. Enumerable.Range(0, store.Count)];
        var windows = new StoreRows(store, sequences);
        Assert.True(new LaggedProducts(windows).IsCheaper);
        using Device device = DeviceCatalog.Open("host", 2);
        using RidgeRegression expected = Fit(device, new SequenceRows(store, sequences)), actual = Fit(device, windows);
        RequireNear(expected.Weights.ToArray(), actual.Weights.ToArray(), 1e-6);
    }

    [Fact]
    public void Windows_that_hardly_overlap_go_the_general_way()
    {
        using ArticleStore store = Store(1, dimension: 4, [90, 7, 7, 7]);
        int[] sequences = Choose(store, "single");
        var windows = new StoreRows(store, sequences);
        Assert.False(new LaggedProducts(windows).IsCheaper);
        using Device device = DeviceCatalog.Open("host", 2);
        using RidgeRegression expected = Fit(device, new SequenceRows(store, sequences)), actual = Fit(device, windows);
        Assert.Equal(expected.Weights.ToArray(), actual.Weights.ToArray());
    }

    [Fact]
    public void Only_a_store_is_known_to_have_windows()
    {
        using ArticleStore store = Store(1, dimension: 4, [9]);
        Assert.IsType<StoreRows>(SequenceRows.Of(store, new[] { 0 }));
        using var set = new FakeSet(null, 3);
        Assert.IsType<SequenceRows>(SequenceRows.Of(set, new[] { 0 }));
    }

    private static RidgeRegression Fit(Device device, IRegressionRows rows) =>
        RidgeRegression.Fit(device, rows, lambda: 50, stop: TestContext.Current.CancellationToken);

    private static int[] Choose(ArticleStore store, string choice)
    {
        int[] all = [.. Enumerable.Range(0, store.Count)];
        return choice switch
        {
            "gaps" => [.. all.Where(sequence => sequence % 11 is not (0 or 4 or 5))],
            "single" => [.. all.Where(sequence => sequence % 2 == 1)],
            "shuffled" => [.. new Random(5).GetItems(all, 2 * all.Length), .. all[^3..]],
            _ => all,
        };
    }

    // Rows of an article lie scattered over the file, and not in document order.
    private ArticleStore Store(int offset, int dimension, int[] lengths)
    {
        var random = new Random(offset);
        (int Article, int Chunk)[] rows =
            [.. lengths.SelectMany((length, article) => Enumerable.Range(0, length).Select(chunk => (article, chunk)))];
        random.Shuffle(rows);
        new NpzBuilder().Floats("vectors", RandomVectors.Unit(random, rows.Length, dimension), rows.Length, dimension)
            .Integers("article_indices", [.. rows.Select(row => (long)row.Article)])
            .Integers("chunk_indices", [.. rows.Select(row => (long)row.Chunk)]).Write(_folder["store.npz"]);
        return ArticleStore.Open(_folder["store.npz"], offset);
    }

    // XᵀX, its lower triangle, and XᵀY in double precision.
    private static (double[] Gram, double[] Cross) Products(SequenceRows rows)
    {
        int width = rows.InputWidth, outputs = rows.OutputWidth;
        float[] x = new float[rows.Count * width], y = new float[rows.Count * outputs];
        rows.Fill(0, rows.Count, x, y);
        double[] gram = new double[width * width], cross = new double[width * outputs];
        for (int row = 0; row < rows.Count; row++)
        {
            for (int i = 0; i < width; i++)
            {
                double value = x[row * width + i];
                for (int j = 0; j < width; j++) gram[i * width + j] += value * x[row * width + j];
                for (int j = 0; j < outputs; j++) cross[i * outputs + j] += value * y[row * outputs + j];
            }
        }

        return (LowerTriangle(gram, width), cross);
    }

    private static double[] LowerTriangle(double[] matrix, int width) => [.. matrix.Where((_, at) => at % width <= at / width)];

    private static void RequireNear(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), 0, tolerance);
    }
}
