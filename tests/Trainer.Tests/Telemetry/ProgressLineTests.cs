using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Tests.Telemetry;

public class ProgressLineTests
{
    private static readonly Progress State = new()
    {
        Epoch = 3,
        Epochs = 12,
        Step = 1200,
        Steps = 12300,
        StepsLeft = 36610,
        Loss = 0.00094,
        ValidationCosine = 0.488,
        Margin = -0.047,
        LambdaEff = 0.000457,
        Rho = 0.1,
        Skips = 2,
    };

    [Fact]
    public void A_terminal_gets_one_line_that_is_redrawn()
    {
        var clock = new ManualClock();
        using var output = new StringWriter { NewLine = "\n" };
        using var progress = new ProgressLine(output, isTerminal: true, width: 200, clock);
        clock.Milliseconds = 100;
        progress.Update(State);
        Assert.Equal(
            "\repoch 3/12  step 1200/12300  10.0 steps/s  left 1:01:01  loss 0.000940  val cos 0.4880  margin -0.0470  λ 0.00046  ρ 0.100  skips 2",
            output.ToString());
    }

    [Fact]
    public void A_terminal_is_drawn_at_most_ten_times_a_second()
    {
        var clock = new ManualClock();
        using var output = new StringWriter();
        using var progress = new ProgressLine(output, isTerminal: true, width: 200, clock);
        for (int millisecond = 1; millisecond <= 1000; millisecond++)
        {
            clock.Milliseconds = millisecond;
            progress.Update(State);
        }

        Assert.Equal(10, output.ToString().Count(c => c == '\r'));
        Assert.Contains(" 1000.0 steps/s ", output.ToString());
    }

    [Fact]
    public void Elsewhere_whole_lines_come_now_and_then()
    {
        var clock = new ManualClock();
        using var output = new StringWriter { NewLine = "\n" };
        using (var progress = new ProgressLine(output, isTerminal: false, time: clock))
        {
            for (int second = 1; second <= 61; second++)
            {
                clock.Milliseconds = second * 1000;
                progress.Update(State with { ValidationCosine = double.NaN, Margin = double.NaN });
            }
        }

        string line = "epoch 3/12  step 1200/12300  1.0 steps/s  left 10:10:10  loss 0.000940  val cos -  margin -  λ 0.00046  ρ 0.100  skips 2\n";
        Assert.Equal(line + line, output.ToString());
    }

    [Fact]
    public void A_line_longer_than_the_terminal_is_cut()
    {
        var clock = new ManualClock { Milliseconds = 0 };
        using var output = new StringWriter();
        using var progress = new ProgressLine(output, isTerminal: true, width: 20, clock);
        clock.Milliseconds = 100;
        progress.Update(State);
        Assert.Equal("\repoch 3/12  step 12", output.ToString());
    }

    [Fact]
    public void Other_lines_take_the_place_of_the_live_one()
    {
        var clock = new ManualClock();
        using var output = new StringWriter { NewLine = "\n" };
        var progress = new ProgressLine(output, isTerminal: true, width: 6, clock);
        progress.WriteAbove("a");
        clock.Milliseconds = 100;
        progress.Update(State);
        progress.WriteAbove("b");
        progress.Dispose();
        Assert.Equal("a\n\repoch\r     \rb\n", output.ToString());
    }

    [Fact]
    public void An_update_that_writes_nothing_allocates_nothing()
    {
        using var output = new StringWriter();
        using var progress = new ProgressLine(output, isTerminal: true, time: new ManualClock());
        progress.Update(State);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            progress.Update(State);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class ManualClock : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;
    }
}
