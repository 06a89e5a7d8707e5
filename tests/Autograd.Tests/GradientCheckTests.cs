using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd.Tests;

public class GradientCheckTests
{
    public static TheoryData<string> Cases => [.. GradientCheckCases.All.Select(check => check.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_matches_differences_of_the_loss(string name)
    {
        using var device = new ReferenceDevice();
        GradientCheckCase check = GradientCheckCases.All.Single(c => c.Name == name);
        for (int repeat = 0; repeat < 12; repeat++)
        {
            GradientCheckResult result = GradientCheck.Run(check, device, GradientCheckSettings.DoublePrecision, repeat);
            Assert.True(result.RelativeError <= 1e-8, $"{result}, shape {repeat}");
        }
    }

    [Fact]
    public void Every_operation_of_the_tape_has_a_check()
    {
        IEnumerable<string> operations = typeof(Tape).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Node)) && !type.IsAbstract).Select(type => type.Name[..^"Node".Length]);
        Assert.Equal(operations.Order(), GradientCheckCases.All.Select(c => c.Operation).Where(o => o != "Tape").Distinct().Order());
    }

    [Fact]
    public void Report_has_one_passing_result_per_check()
    {
        using var device = new ReferenceDevice();
        IReadOnlyList<GradientCheckResult> results = GradientCheck.Operations(device, GradientCheckSettings.DoublePrecision);
        Assert.Equal(GradientCheckCases.All.Select(c => c.Name), results.Select(r => r.Name));
        Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
        Assert.Equal(0, device.AllocatedBytes);
    }

    [Fact]
    public void The_host_passes_in_single_precision()
    {
        using var device = new HostDevice(threads: 2);
        Assert.All(
            GradientCheck.Operations(device, GradientCheckSettings.SinglePrecision), result => Assert.True(result.Passed, result.ToString()));
    }

    [Fact]
    public void A_wrong_gradient_fails_and_names_the_variable()
    {
        using var device = new ReferenceDevice();
        using var subject = new GradientCheckSubject(device, new Random(3));
        Tensor x = subject.Variable("x", 4, 3);
        Tensor y = subject.Tape.Linear(x, subject.Variable("weight", 2, 3), subject.Variable("bias", 1, 2));
        subject.AddToLoss(y);
        subject.Seal();
        View elsewhere = device.Allocate(2).All;
        GradientVariable[] variables = [.. subject.Variables.Select(v => v.Name == "bias" ? v with { Gradient = elsewhere } : v)];
        GradientCheckResult result = GradientCheck.Run("broken", subject.Tape, variables, subject.Loss, GradientCheckSettings.DoublePrecision);
        Assert.False(result.Passed);
        Assert.Equal("bias", result.Variable);
        Assert.Equal(1, result.RelativeError, 1e-6);
    }

    [Fact]
    public void Values_are_restored_after_the_check()
    {
        using var device = new ReferenceDevice();
        using var subject = new GradientCheckSubject(device, new Random(4));
        Tensor x = subject.Variable("x", 4, 3);
        subject.AddToLoss(subject.Tape.Gelu(x));
        subject.Seal();
        var before = new double[12];
        var after = new double[12];
        device.Download(x.Value.Data, before);
        GradientCheck.Run("gelu", subject.Tape, subject.Variables, subject.Loss, GradientCheckSettings.DoublePrecision);
        device.Download(x.Value.Data, after);
        Assert.Equal(before, after);
    }
}
