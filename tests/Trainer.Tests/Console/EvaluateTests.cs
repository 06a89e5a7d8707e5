using System.Text.Json;
using P6bNative.Trainer.Tests.Data;
using P6bNative.Trainer.Tests.Training;

namespace P6bNative.Trainer.Tests.Console;

public sealed class EvaluateTests : IDisposable
{
    private static readonly string Model = Fixture("model.safetensors");

    private readonly TestFolder _folder = new();

    private string Out => _folder["evaluation.json"];

    public void Dispose() => _folder.Dispose();

    /// <summary>Every figure of an independent implementation (Fixtures/make_five_cat.py), the original's, the corrected and the intervals.</summary>
    [Theory]
    [InlineData("stores", 3891)]
    [InlineData("sequences", 2731)]
    public void Agrees_with_an_independent_implementation_in_every_figure(string name, int figures)
    {
        using JsonDocument fixture = JsonDocument.Parse(File.ReadAllBytes(Fixture($"{name}.json")));
        JsonElement settings = fixture.RootElement.GetProperty("case");
        List<string> flags =
        [
            "--val-npz", Fixture(settings.GetProperty("val").GetString()!), "--ood-npz", Fixture(settings.GetProperty("ood").GetString()!),
            "--max-samples", settings.GetProperty("max_samples").ToString(), "--horizon", settings.GetProperty("horizon").ToString(),
            "--seed", settings.GetProperty("seed").ToString(), "--p6", Fixture("p6.safetensors"),
        ];
        if (settings.GetProperty("train").GetBoolean()) flags.AddRange(["--train-npz", Fixture("train.npz")]);
        if (settings.GetProperty("articles").GetString() is { } articles) flags.AddRange(["--articles-npz", Fixture(articles)]);
        Evaluate([.. flags]);

        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(Out));
        Assert.Equal(figures, AssertSame(fixture.RootElement.GetProperty("expected"), result.RootElement, ""));
        AssertDefined(result.RootElement);
    }

    [Fact]
    public void The_result_does_not_depend_on_threads_or_batch()
    {
        byte[][] results = [.. new[] { ("1", "256"), ("3", "7"), ("2", "1000") }.Select(flags =>
        {
            Evaluate("--val-npz", Fixture("val.npz"), "--train-npz", Fixture("train.npz"), "--threads", flags.Item1, "--batch-size", flags.Item2);
            return File.ReadAllBytes(Out);
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    /// <summary>A copy of the model differs from it in nothing, and needs no α to have its margin.</summary>
    [Fact]
    public void A_second_model_that_is_the_first_is_the_same_to_the_last_digit()
    {
        Evaluate("--val-npz", Fixture("val.npz"), "--train-npz", Fixture("train.npz"), "--max-samples", "60", "--p6", Model);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(Out));
        JsonElement baselines = result.RootElement.GetProperty("baselines").GetProperty("VAL");
        JsonProperty[] measures = [.. baselines.GetProperty("p6").GetProperty("corrected").EnumerateObject().Where(m => m.Name.Contains(':'))];
        Assert.Equal(16, measures.Length);
        foreach (JsonProperty measure in measures.Where(m => m.Name != "A0:margin(max)"))
        {
            JsonElement minus = measure.Value.GetProperty("model_minus");
            foreach (string end in new[] { "value", "low", "high" }) Assert.Equal(0.0, minus.GetProperty(end).GetDouble());
        }

        Assert.Equal(0, baselines.GetProperty("p6_minus_ctx4").GetProperty("alpha").GetDouble(), 1e-12);
        // Equal rows of the table, each by its own way.
        JsonElement use = result.RootElement.GetProperty("use").GetProperty("VAL");
        Assert.Equal(use.GetProperty("model").GetRawText(), use.GetProperty("p6").GetRawText());
        Assert.Equal(use.GetProperty("model_plus_ctx4_minus_ctx0").GetRawText(), use.GetProperty("p6_plus_ctx4_minus_ctx0").GetRawText());
    }

    [Fact]
    public void Where_samples_may_be_as_many_as_windows_every_window_is_judged()
    {
        Evaluate("--val-npz", Fixture("val.npz"), "--max-samples", "105");
        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(Out));
        Assert.Equal(105, result.RootElement.GetProperty("files").GetProperty("VAL").GetProperty("windows").GetInt32());
        JsonElement corrected = result.RootElement.GetProperty("corrected").GetProperty("VAL");
        Assert.Equal(105, corrected.GetProperty("samples").GetInt32());
        Assert.Equal(105, corrected.GetProperty("B0:MRR(no ctx)").GetProperty("samples").GetInt32());
        // Of each window one rank: the original's test B takes the windows in file order, those of articles of 6 rows, which are all.
        Assert.Equal(
            result.RootElement.GetProperty("VAL").GetProperty("B:R@5").GetDouble(), corrected.GetProperty("B0:R@5").GetProperty("value").GetDouble(), 1e-12);
    }

    [Fact]
    public void People_see_what_the_margin_is_of_use_for()
    {
        TestConsole console = Evaluate("--val-npz", Fixture("val.npz"), "--train-npz", Fixture("train.npz"), "--p6", Fixture("p6.safetensors"));
        foreach (string row in new[] { "copy last ", "ridge ", "p6 ", "p6 + 0.4(ctx4-ctx0) ", "model + 0.4(ctx4-ctx0) ", "chance " })
            Assert.Contains(console.Output.Split('\n'), line => line.TrimStart().StartsWith(row, StringComparison.Ordinal));
        Assert.Equal(2, console.Output.Split("At the model's own margin").Length - 1);
        Assert.All(console.Output.Split('\n'), line => Assert.True(line.Length <= 150 && !line.Contains("-+", StringComparison.Ordinal), line));
    }

    [Fact]
    public void A_second_model_that_does_not_suit_is_refused()
    {
        Evaluate("--val-npz", Fixture("val.npz"), "--p6", TinyRun.Fixture("parity", "even", "init.safetensors")).AssertRefused("--p6", "48", "20");
        Assert.Equal(0, TinyRun.Train(_folder["run"], "--data", Fixture("train.npz"), "--epochs", "1", "--mode", "p6b-v1").ExitCode);
        Evaluate("--val-npz", Fixture("val.npz"), "--p6", Path.Combine(_folder["run"], "best.safetensors")).AssertRefused("--p6", "p6b-v1", "config.json");
        Assert.False(File.Exists(Out));
        // A pressure of 0 at most is plain MSE under another schedule.
        Assert.Equal(0, TinyRun.Train(_folder["plain"], "--data", Fixture("train.npz"), "--epochs", "1", "--mode", "p6b-v3", "--s-max", "0").ExitCode);
        Assert.Equal(2, Evaluate("--val-npz", Fixture("val.npz"), "--p6", Path.Combine(_folder["plain"], "best.safetensors")).ExitCode);
    }

    [Fact]
    public void A_failed_gate_is_exit_code_2_and_the_tables_are_plain_text()
    {
        TestConsole console = Evaluate("--val-npz", Fixture("val.npz"), "--ood-npz", Fixture("ood.npz"));
        Assert.Equal(2, console.ExitCode);
        Assert.Empty(console.Error);
        Assert.Contains("offset_sweep FAIL", console.Output);
        Assert.Contains("A0:margin(ctx4)", console.Output);
        Assert.DoesNotContain('\u001b', console.Output);
        Assert.All(console.Output.Split('\n'), line => Assert.True(line.Length <= 150, line));
    }

    [Fact]
    public void What_could_not_be_measured_is_null_in_valid_JSON()
    {
        TestConsole console = Evaluate("--val-npz", Fixture("val.npz"), "--horizon", "40");
        Assert.Equal(2, console.ExitCode);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(Out));
        JsonElement root = result.RootElement;
        Assert.Equal(JsonValueKind.Null, root.GetProperty("VAL").GetProperty("D:avg_cos@H=40").ValueKind);
        Assert.Equal(0, root.GetProperty("VAL").GetProperty("D:samples").GetInt32());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("corrected").GetProperty("VAL").GetProperty("D0:avg_cos@H=40").GetProperty("value").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("OOD").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("gates").GetProperty("bins_delta").ValueKind);
        Assert.False(root.GetProperty("gates").GetProperty("rollout").GetBoolean());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("baselines").GetProperty("VAL").GetProperty("ridge").ValueKind);
        Assert.Contains("--train-npz", root.GetProperty("baselines").GetProperty("VAL").GetProperty("ridge_missing_because").GetString());
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp"));
    }

    [Fact]
    public void A_run_folder_is_judged_on_its_own_validation_windows()
    {
        string[] sizes = ["--data", Fixture("train.npz"), "--epochs", "1", "--heads", "2"];
        Assert.Equal(0, TinyRun.Train(_folder["run"], sizes).ExitCode);
        TestConsole console = TestConsole.Run("evaluate", "--model", Path.Combine(_folder["run"], "best.safetensors"), "--threads", "1");
        Assert.Equal(2, console.ExitCode);
        Assert.Contains("24 windows", console.Output);
        Assert.Contains("ridge    fitted on 360 windows", console.Output);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder["run"], "evaluation.json")));
        Assert.Equal("1", result.RootElement.GetProperty("model").GetProperty("epoch").GetString());
        // One article validates, so there is nothing to take an interval over, and no other article.
        JsonElement corrected = result.RootElement.GetProperty("corrected").GetProperty("VAL");
        Assert.Equal(1, corrected.GetProperty("articles").GetInt32());
        Assert.Equal(JsonValueKind.Null, corrected.GetProperty("A0:cosine").GetProperty("low").ValueKind);
        Assert.Equal(JsonValueKind.Null, corrected.GetProperty("C0:cross_article").GetProperty("value").ValueKind);
    }

    [Fact]
    public void Flags_that_do_not_fit_together_are_refused()
    {
        Evaluate().AssertRefused("--val-npz", "config.json");
        Evaluate("--val-npz", Fixture("val_sequences.npz")).AssertRefused("--articles-npz is missing", "val_sequences.npz");
        Evaluate("--val-npz", Fixture("val.npz"), "--articles-npz", Fixture("val.npz")).AssertRefused("--articles-npz", "leave the flag out");
        Evaluate("--val-npz", Fixture("val_sequences.npz"), "--articles-npz", Fixture("val.npz"), "--target-offset", "1").AssertRefused("--target-offset 1");
        foreach ((string flag, string value) in new[] { ("--max-samples", "0"), ("--horizon", "0"), ("--batch-size", "0"), ("--target-offset", "2") })
            Evaluate("--val-npz", Fixture("val.npz"), flag, value).AssertRefused(flag);
        Assert.False(File.Exists(Out));
    }

    [Fact]
    public void Vectors_of_another_dimension_are_refused()
    {
        string other = Store("other.npz", dimension: 8);
        Evaluate("--val-npz", other).AssertRefused("other.npz", "8", "20");
        Evaluate("--val-npz", Fixture("val.npz"), "--ood-npz", other).AssertRefused("other.npz", "8", "20");
        Evaluate("--val-npz", Fixture("val.npz"), "--train-npz", other).AssertRefused("other.npz", "8", "20");
        Evaluate("--val-npz", Fixture("val_sequences.npz"), "--articles-npz", other).AssertRefused("other.npz", "8", "20");
    }

    [Fact]
    public void Articles_that_the_sequences_were_not_cut_from_are_refused()
    {
        Evaluate("--val-npz", Fixture("val_sequences.npz"), "--articles-npz", Store("a.npz", 20, id: 5000)).AssertRefused("a.npz", "has no article");
        Sequences("one.npz", article: 5, chunk: 40);
        Evaluate("--val-npz", _folder["one.npz"], "--articles-npz", Store("b.npz", 20, id: 5)).AssertRefused("b.npz", "article 5", "no chunk 40", "one.npz");
        Sequences("two.npz", article: 5, chunk: 8);
        Evaluate("--val-npz", _folder["two.npz"], "--articles-npz", _folder["b.npz"]).AssertRefused("two.npz", "b.npz", "cosine");
        RandomVectors.Sequences(new Random(1), 3, 20).Write(_folder["three.npz"]);
        Evaluate("--val-npz", _folder["three.npz"], "--articles-npz", _folder["b.npz"]).AssertRefused("three.npz", "article_ids");
    }

    [Fact]
    public void Articles_too_short_for_test_A_are_refused() =>
        Evaluate("--val-npz", Store("short.npz", 20, id: 5, rows: 9)).AssertRefused("short.npz", "-3 .. +3");

    [Fact]
    public void A_model_whose_output_is_not_finite_is_refused()
    {
        byte[] weights = File.ReadAllBytes(Model);
        // The file ends with numbers of the output layer: an overflow in the last of them, not a NaN, which no reader would let pass.
        for (int i = 1; i <= 40; i++) BitConverter.TryWriteBytes(weights.AsSpan(weights.Length - 4 * i), 3e38f);
        File.WriteAllBytes(_folder["huge.safetensors"], weights);
        TestConsole.Run("evaluate", "--model", _folder["huge.safetensors"], "--val-npz", Fixture("val.npz"), "--out", Out)
            .AssertRefused("not finite", "val.npz");
    }

    private TestConsole Evaluate(params string[] flags) =>
        TestConsole.Run(["evaluate", "--model", Model, "--out", Out, .. flags.Contains("--threads") ? Array.Empty<string>() : ["--threads", "2"], .. flags]);

    private static string Fixture(string name) => TinyRun.Fixture("five_cat", name);

    private string Store(string name, int dimension, long id = 1, int rows = 20) => new NpzBuilder()
        .Floats("vectors", RandomVectors.Unit(new Random(3), rows, dimension), rows, dimension)
        .Integers("article_indices", [.. Enumerable.Repeat(id, rows)])
        .Write(_folder[name]);

    private void Sequences(string name, long article, long chunk) => RandomVectors.Sequences(new Random(4), 1, 20)
        .Integers("article_ids", article).Integers("target_indices", chunk).Write(_folder[name]);

    // Number of figures compared.
    private static int AssertSame(JsonElement expected, JsonElement actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Object)
            return expected.EnumerateObject().Sum(member => AssertSame(member.Value, actual.GetProperty(member.Name), $"{path}/{member.Name}"));
        Assert.True(expected.ValueKind == actual.ValueKind, $"{path}: {expected} but {actual}");
        if (expected.ValueKind == JsonValueKind.Number)
            Assert.True(Math.Abs(expected.GetDouble() - actual.GetDouble()) <= 1e-6, $"{path}: {expected} but {actual}");
        return 1;
    }

    // Every measure of the result has a sentence, and every sentence of a measure a measure.
    private static void AssertDefined(JsonElement root)
    {
        JsonElement definitions = root.GetProperty("definitions");
        string[] measures =
        [
            .. root.GetProperty("VAL").EnumerateObject().Select(m => m.Name), .. root.GetProperty("gates").EnumerateObject().Select(m => m.Name),
            .. root.GetProperty("corrected").GetProperty("VAL").EnumerateObject().Select(m => m.Name),
        ];
        Assert.All(measures, name => Assert.EndsWith(".", definitions.GetProperty(name).GetString()));
        Assert.All(definitions.EnumerateObject().Where(d => d.Name.Contains(':')), d => Assert.Contains(d.Name, measures));
    }
}
