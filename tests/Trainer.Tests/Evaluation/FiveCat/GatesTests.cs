using P6bNative.Trainer.Evaluation.FiveCat;

namespace P6bNative.Trainer.Tests.Evaluation.FiveCat;

public class GatesTests
{
    private static readonly string[] Names = ["offset_sweep", "retrieval_rank", "ablations", "rollout", "bins_delta"];

    /// <summary>What the original published of its models (p6b-facts 6.3), with the gates it says they pass.</summary>
    [Theory]
    [InlineData("v1", 0.4713, -0.0430, 0.0198, 0.118, 0.0926, -0.0068, 0.4528, 0.4746, 0.4849, -0.0489, 0.0110, 0.068, 0.0584, -0.0046, 0.4641, 0.4956, "rollout,bins_delta")]
    [InlineData("v2.1", 0.4950, -0.0675, 0.0232, 0.128, 0.0993, -0.0113, 0.4747, 0.4980, 0.5035, -0.0771, 0.0096, 0.081, 0.0638, -0.0079, 0.4840, 0.5159, "rollout,bins_delta")]
    [InlineData("v2.2", 0.4460, -0.0290, 0.0226, 0.120, 0.0942, -0.0050, 0.4322, 0.4485, 0.4629, -0.0348, 0.0082, 0.067, 0.0543, -0.0033, 0.4484, 0.4707, "bins_delta")]
    public void Agree_with_the_published_results(
        string model, double next, double margin, double first, double five, double mrr, double shuffled, double rollout, double normal,
        double oodNext, double oodMargin, double oodFirst, double oodFive, double oodMrr, double oodShuffled, double oodRollout, double oodNormal, string passed)
    {
        Assert.NotEmpty(model);
        var gates = new Gates(
            Measures(next, margin, first, five, mrr, shuffled, rollout, normal),
            Measures(oodNext, oodMargin, oodFirst, oodFive, oodMrr, oodShuffled, oodRollout, oodNormal), 5);
        Assert.Equal(Names, gates.All.Select(gate => gate.Name));
        Assert.Equal(passed, string.Join(",", gates.All.Where(gate => gate.Passed == true).Select(gate => gate.Name)));
        Assert.True(gates.AnyFailed);
    }

    [Fact]
    public void Thresholds_are_inclusive_and_lower_for_OOD()
    {
        Dictionary<string, double> val = Limits(0.50, 0.12, 0.60, 0.95, 0.80, 0.45), ood = Limits(0.48, 0.10, 0.55, 0.92, 0.75, 0.42);
        Assert.All(new Gates(val, ood, 5).All, gate => Assert.True(gate.Passed));
        Assert.False(new Gates(val, ood, 5).AnyFailed);
        // The lower limits of OOD are not enough for VAL.
        Assert.Equal([false, false, true, false, true], new Gates(ood, ood, 5).All.Select(gate => gate.Passed == true));
        foreach (string key in new[] { "A:k=+1", "A:margin(+1)", "B:R@1", "B:R@5", "B:MRR", "D:avg_cos@H=5" }) AssertOneFails(val, ood, key, -1e-9);
        foreach (string key in new[] { "C:shuffled", "C:reverse", "C:loo_avg", "C:repeat_pad", "C:cross_article" }) AssertOneFails(val, ood, key, 2e-6);
        Assert.All(new Gates(val, With(ood, "E:normal_mean", 0.4500001), 5).All, gate => Assert.True(gate.Passed));
        AssertOneFails(val, ood, "E:normal_mean", 0.0500001);
        AssertOneFails(val, ood, "E:normal_mean", -0.0500001);
    }

    [Fact]
    public void What_is_not_a_number_fails_and_a_missing_split_leaves_a_gate_open()
    {
        Dictionary<string, double> val = Limits(0.50, 0.12, 0.60, 0.95, 0.80, 0.45);
        Assert.All(new Gates(val, null, 5).All, gate => Assert.Null(gate.Passed));
        Assert.False(new Gates(val, null, 5).AnyFailed);
        foreach (string key in val.Keys.Where(key => key != "E:normal_mean"))
            Assert.Single(new Gates(With(val, key, double.NaN), null, 5).All, gate => gate.Passed == false);
        Assert.Single(new Gates(With(val, "E:normal_mean", double.NaN), val, 5).All, gate => gate.Passed == false);
    }

    private static void AssertOneFails(Dictionary<string, double> val, Dictionary<string, double> ood, string key, double change)
    {
        Assert.Single(new Gates(With(val, key, val[key] + change), ood, 5).All, gate => gate.Passed == false);
        Assert.Single(new Gates(val, With(ood, key, ood[key] + change), 5).All, gate => gate.Passed == false);
    }

    private static Dictionary<string, double> With(Dictionary<string, double> measures, string key, double value) => new(measures) { [key] = value };

    private static Dictionary<string, double> Measures(
        double next, double margin, double first, double five, double mrr, double shuffled, double rollout, double normal)
    {
        Dictionary<string, double> measures = Limits(next, margin, first, five, mrr, rollout);
        measures["C:shuffled"] = shuffled;
        measures["E:normal_mean"] = normal;
        return measures;
    }

    private static Dictionary<string, double> Limits(double next, double margin, double first, double five, double mrr, double rollout) => new()
    {
        ["A:k=+1"] = next,
        ["A:margin(+1)"] = margin,
        ["B:R@1"] = first,
        ["B:R@5"] = five,
        ["B:MRR"] = mrr,
        ["C:shuffled"] = -0.15,
        ["C:reverse"] = -0.10,
        ["C:loo_avg"] = -0.08,
        ["C:repeat_pad"] = 0.05,
        ["C:cross_article"] = 0.05,
        ["D:avg_cos@H=5"] = rollout,
        ["E:normal_mean"] = 0.5,
    };
}
