using System.Text.Json;
using Dub.Clerk.Analytics;

namespace Dub.Clerk.Tests.Analytics;

public sealed class MetadataConditionTests
{
    private static readonly JsonElement Metadata = JsonSerializer.Deserialize<JsonElement>("""{"plan":"pro","seats":10,"price":"9.50","trial":true,"a.b":"x"}""");

    [Theory]
    [InlineData("metadata['plan']:pro", true)]
    [InlineData("metadata['plan']=pro", true)]
    [InlineData("metadata[\"plan\"]='pro'", true)]
    [InlineData(" metadata['plan'] != pro ", false)]
    [InlineData("metadata['none']!=pro", true)]
    [InlineData("metadata['none']:pro", false)]
    [InlineData("metadata['seats']:10", true)]
    [InlineData("metadata['seats']>9", true)]
    [InlineData("metadata['seats']>10", false)]
    [InlineData("metadata['seats']>=10", true)]
    [InlineData("metadata['seats']<2", false)]
    [InlineData("metadata['price']<=9.5", true)]
    [InlineData("metadata['plan']>1", false)]
    [InlineData("metadata['trial']:true", true)]
    [InlineData("metadata['a.b']:x", true)]
    public void Condition_Holds(string text, bool holds) => Assert.Equal(holds, MetadataCondition.Parse(text)!.Holds(Metadata));

    [Theory]
    [InlineData("")]
    [InlineData("plan:pro")]
    [InlineData("metadata[plan]:pro")]
    [InlineData("metadata['plan\"]:pro")]
    [InlineData("metadata['']:pro")]
    [InlineData("metadata['plan']~pro")]
    [InlineData("metadata['plan']")]
    public void AnythingElse_IsNoCondition(string text) => Assert.Null(MetadataCondition.Parse(text));
}
