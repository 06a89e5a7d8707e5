using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Loss;

public class StepLossTests
{
    [Fact]
    public void Coefficients_are_the_gradient_of_the_loss()
    {
        // λ is a constant to the gradient, so the differences are taken at the λ of the centre.
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            int size = seed % 4 == 0 ? 1 : random.Next(2, 9);
            int dimension = random.Next(2, 24);
            int contextLength = random.Next(1, 6);
            int slot = random.Next(contextLength);
            int epoch = random.Next(1, 15);
            VectorBatch batch = VectorBatch.Random(seed, size, dimension, contextLength);
            var loss = new StepLoss(LossModes.P6bV21, dimension, contextLength, slot, size);

            StepReport centre = loss.Evaluate(batch.Statistics(), size, epoch);
            var coefficients = new double[size * LossCoefficients.Columns];
            loss.WriteCoefficients(coefficients);
            double[][] gradient = batch.Gradient(coefficients, slot);

            const double h = 1e-5;
            double worst = 0, largest = 0;
            for (int b = 0; b < size; b++)
            {
                for (int d = 0; d < dimension; d++)
                {
                    double kept = batch.Raw[b][d];
                    batch.Raw[b][d] = kept + h;
                    double above = LossAtFixedLambda(loss, batch, epoch, centre);
                    batch.Raw[b][d] = kept - h;
                    double below = LossAtFixedLambda(loss, batch, epoch, centre);
                    batch.Raw[b][d] = kept;
                    worst = Math.Max(worst, Math.Abs((above - below) / (2 * h) - gradient[b][d]));
                    largest = Math.Max(largest, Math.Abs(gradient[b][d]));
                }
            }

            Assert.True(worst <= 1e-6 * largest, $"seed {seed}: off by {worst:R} of {largest:R}");
        }
    }

    [Fact]
    public void The_directional_part_of_the_gradient_is_exact_too()
    {
        // With the mode's own weights MSE dominates the gradient; λ and β of 1e6 let the other terms lead.
        LossMode mode = LossModes.P6bV21 with
        {
            LambdaMin = 1e6,
            LambdaMax = 1e6,
            SkipRules = [],
            FloorWeight = 1e6,
            Stages = [new Stage(1, 0.02, 0.10, double.PositiveInfinity)],
        };
        for (int seed = 0; seed < 40; seed++)
        {
            VectorBatch batch = VectorBatch.Random(seed, 3, 7, 5);
            var loss = new StepLoss(mode, 7, 5, 3, 3);
            loss.Evaluate(batch.Statistics(), 3, 1);
            var coefficients = new double[12];
            loss.WriteCoefficients(coefficients);
            double[][] gradient = batch.Gradient(coefficients, 3);
            double largest = gradient.Max(row => row.Max(Math.Abs));

            const double h = 1e-5;
            for (int d = 0; d < 7; d++)
            {
                double kept = batch.Raw[1][d];
                batch.Raw[1][d] = kept + h;
                double above = loss.Evaluate(batch.Statistics(), 3, 1).Loss;
                batch.Raw[1][d] = kept - h;
                double below = loss.Evaluate(batch.Statistics(), 3, 1).Loss;
                batch.Raw[1][d] = kept;
                Assert.Equal(gradient[1][d], (above - below) / (2 * h), 1e-6 * largest);
            }
        }
    }

    [Fact]
    public void A_gradient_cap_scales_the_directional_gradient_to_it()
    {
        // The floor and the norm penalty are left out, so that the gradient beyond the MSE's is the directional term's.
        LossMode mode = LossModes.P6bV21 with { FloorWeight = 0, NormWeight = 0, SkipRules = [] };
        for (int seed = 0; seed < 20; seed++)
        {
            VectorBatch batch = VectorBatch.Random(seed, 1 + seed % 4, 6, 5);
            double free = Evaluate(mode, batch, out _).GradientRatio;
            StepReport capped = Evaluate(mode with { GradientCap = free / 3 }, batch, out double[] coefficients);
            Assert.True(capped.GradientCapped);
            Assert.Equal(free / 3, capped.GradientRatio, 1e-12 * free);

            double directional = 0, mse = 0;
            double[][] gradient = batch.Gradient(coefficients, 3);
            for (int b = 0; b < batch.Size; b++)
            {
                for (int d = 0; d < 6; d++)
                {
                    double error = 2 * (batch.Raw[b][d] - batch.Target[b][d]) / (batch.Size * 6);
                    mse += error * error;
                    directional += (gradient[b][d] - error) * (gradient[b][d] - error);
                }
            }

            Assert.Equal(free / 3, Math.Sqrt(directional / mse), 1e-9 * free);
        }
    }

    [Fact]
    public void P6_is_the_mean_squared_error_and_reports_the_cosines()
    {
        VectorBatch batch = VectorBatch.Random(3, 4, 6, 5);
        StepReport p6 = Evaluate(LossModes.P6, batch, out double[] coefficients);
        StepReport v21 = Evaluate(LossModes.P6bV21, batch, out _);

        Assert.Equal(p6.Mse, p6.Loss);
        Assert.Equal(0, p6.LambdaEff);
        Assert.Equal(0, p6.Dir);
        Assert.False(p6.Skip);
        Assert.Equal((v21.Mse, v21.RawNorm, v21.Cosine), (p6.Mse, p6.RawNorm, p6.Cosine));
        Assert.Equal((v21.Pos, v21.Neg, v21.Gap, v21.Ratio), (p6.Pos, p6.Neg, p6.Gap, p6.Ratio));
        for (int b = 0; b < 4; b++)
            Assert.Equal([2.0 / (4 * 6), 0, 0, 0], coefficients[(b * 4)..(b * 4 + 4)]);
    }

    [Fact]
    public void Loss_is_the_sum_of_its_reported_terms()
    {
        VectorBatch batch = VectorBatch.Random(11, 5, 9, 5);
        StepReport report = Evaluate(LossModes.P6bV21, batch, out _);
        double directional = report.Skip ? 0 : report.LambdaEff * report.Dir;
        Assert.Equal(report.Mse + directional + 1e-3 * report.Floor + 1e-3 * report.NormPenalty, report.Loss, 1e-15);
        Assert.Equal(report.Pos - report.Neg, report.Gap, 1e-15);
    }

    [Fact]
    public void A_skipped_step_keeps_mse_and_floor_only()
    {
        // raw = −target, so pos = −1 in every row.
        VectorBatch batch = VectorBatch.Random(5, 3, 8, 5);
        batch = batch with { Raw = [.. batch.Target.Select(t => t.Select(x => -x).ToArray())] };
        StepReport report = Evaluate(LossModes.P6bV21, batch, out double[] coefficients);

        Assert.True(report.Skip);
        Assert.Equal("mean pos < 0", report.SkipReason);
        Assert.Equal(0, report.Fraction);
        Assert.True(report.LambdaEff > 0);
        Assert.Equal(1.1 * 1.1, report.Floor, 1e-12);
        Assert.Equal(report.Mse + 1e-3 * report.Floor + 1e-3 * report.NormPenalty, report.Loss, 1e-15);
        for (int b = 0; b < 3; b++)
            Assert.Equal(0, coefficients[b * 4 + LossCoefficients.Negative]);
    }

    [Fact]
    public void A_zero_output_gives_finite_numbers()
    {
        VectorBatch batch = VectorBatch.Random(6, 2, 4, 5);
        Array.Clear(batch.Raw[0]);
        StepReport report = Evaluate(LossModes.P6bV21, batch, out double[] coefficients);

        Assert.True(double.IsFinite(report.Loss));
        Assert.True(double.IsFinite(report.Ratio));
        Assert.True(double.IsFinite(report.Cosine));
        Assert.All(coefficients, c => Assert.True(double.IsFinite(c)));
        Assert.Equal(0.5, report.NormPenalty, 1e-15);
    }

    [Fact]
    public void A_zero_negative_has_cosine_zero()
    {
        VectorBatch batch = VectorBatch.Random(7, 1, 4, 5);
        Array.Clear(batch.Context[0][3]);
        StepReport report = Evaluate(LossModes.P6bV21, batch, out double[] coefficients);
        Assert.Equal(0, report.Neg);
        Assert.All(coefficients, c => Assert.True(double.IsFinite(c)));
    }

    [Theory]
    [InlineData(1, 0.02)]
    [InlineData(4, 0.03)]
    [InlineData(20, 0.05)]
    public void The_stage_in_force_is_reported(int epoch, double marginGap)
    {
        VectorBatch batch = VectorBatch.Random(8, 2, 4, 5);
        var loss = new StepLoss(LossModes.P6bV21, 4, 5, 3, 2);
        Assert.Equal(marginGap, loss.Evaluate(batch.Statistics(), 2, epoch).MarginGap);
    }

    [Fact]
    public void A_partial_batch_does_not_see_the_batch_before_it()
    {
        VectorBatch large = VectorBatch.Random(9, 8, 6, 5);
        VectorBatch small = VectorBatch.Random(10, 1, 6, 5);
        var reused = new StepLoss(LossModes.P6bV21, 6, 5, 3, 8);
        var fresh = new StepLoss(LossModes.P6bV21, 6, 5, 3, 1);
        reused.Evaluate(large.Statistics(), 8, 1);
        Assert.Equal(fresh.Evaluate(small.Statistics(), 1, 1), reused.Evaluate(small.Statistics(), 1, 1));
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        VectorBatch batch = VectorBatch.Random(12, 32, 16, 5);
        double[] statistics = batch.Statistics();
        var coefficients = new double[32 * LossCoefficients.Columns];
        var loss = new StepLoss(LossModes.P6bV21, 16, 5, 3, 32);
        loss.Evaluate(statistics, 32, 1);
        loss.WriteCoefficients(coefficients);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 100; step++)
        {
            loss.Evaluate(statistics, 32, 1 + step % 12);
            loss.WriteCoefficients(coefficients);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        var loss = new StepLoss(LossModes.P6bV21, 4, 5, 3, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => loss.Evaluate(new double[100], 3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => loss.Evaluate(new double[100], 0, 1));
        Assert.Throws<ArgumentException>(() => loss.Evaluate(new double[27], 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepLoss(LossModes.P6bV21, 4, 5, 5, 2));
    }

    private static StepReport Evaluate(LossMode mode, VectorBatch batch, out double[] coefficients)
    {
        var loss = new StepLoss(mode, batch.Dimension, batch.ContextLength, 3, batch.Size);
        StepReport report = loss.Evaluate(batch.Statistics(), batch.Size, 1);
        coefficients = new double[batch.Size * LossCoefficients.Columns];
        loss.WriteCoefficients(coefficients);
        return report;
    }

    private static double LossAtFixedLambda(StepLoss loss, VectorBatch batch, int epoch, in StepReport centre)
    {
        StepReport report = loss.Evaluate(batch.Statistics(), batch.Size, epoch);
        return report.Mse + (centre.Skip ? 0 : centre.LambdaEff * report.Dir) + 1e-3 * report.Floor + 1e-3 * report.NormPenalty;
    }
}
