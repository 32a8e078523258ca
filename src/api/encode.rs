//! A request that may be sent, in the words of the API: one ordered list of parameters, printed as JSON.

use serde_json::Value;

use crate::api::http::{Body, HttpRequest};
use crate::api::multipart::{Form, Part, PartValue};
use crate::domain::provider::Address;
use crate::domain::request::{ImageRef, ValidRequest};
use crate::domain::secret::Secret;

/// `POST images/generations`, or `POST images/edits` where images are given. Every value that the request holds is sent
/// explicitly; what its model lacks is left out. `boundary` is a text that occurs in nothing that is sent.
#[must_use]
pub fn images(
    request: &ValidRequest,
    address: &Address,
    key: Option<&Secret>,
    boundary: &str,
) -> HttpRequest {
    let parameters = parameters(request);
    let (endpoint, body) = match request.images().is_empty() {
        true => ("images/generations", Body::Json(json(&parameters))),
        false => (
            "images/edits",
            Body::Form(form(request, &parameters, boundary)),
        ),
    };
    HttpRequest::post(address.endpoint(endpoint), key.cloned(), body)
}

/// `GET models`: costs nothing, and says whether the address answers and the key is taken.
#[must_use]
pub fn models(address: &Address, key: Option<&Secret>) -> HttpRequest {
    HttpRequest::get(address.endpoint("models"), key.cloned())
}

/// A name of the API and its value: a text, a number or a flag, so that JSON and form fields are two printers of one list.
type Parameter = (&'static str, Value);

fn parameters(request: &ValidRequest) -> Vec<Parameter> {
    let streamed = request.partial_images();
    [
        ("model", Some(request.model().into())),
        ("prompt", Some(request.prompt().into())),
        ("n", Some(request.n().into())),
        ("size", Some(request.size().to_string().into())),
        ("quality", request.quality().map(Value::from)),
        ("background", request.background().map(Value::from)),
        ("output_format", request.output_format().map(Value::from)),
        (
            "output_compression",
            request.output_compression().map(Value::from),
        ),
        ("moderation", request.moderation().map(Value::from)),
        ("complexity", request.complexity().map(Value::from)),
        ("style", request.style().map(Value::from)),
        ("input_fidelity", request.input_fidelity().map(Value::from)),
        (
            "response_format",
            request.response_format().map(Value::from),
        ),
        ("stream", streamed.map(|_| true.into())),
        ("partial_images", streamed.map(Value::from)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn json(parameters: &[Parameter]) -> Vec<u8> {
    let members: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}

/// The same list as fields; then the images in their order, and the mask.
fn form(request: &ValidRequest, parameters: &[Parameter], boundary: &str) -> Form {
    let text = |(name, value): &Parameter| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Part {
            name,
            value: PartValue::Text(text),
        }
    };
    let file = |name, image: &ImageRef, called: String| {
        let extension = image.media_type.trim_start_matches("image/");
        Part {
            name,
            value: PartValue::Image {
                image: image.clone(),
                file_name: format!("{called}.{extension}"),
            },
        }
    };
    let given = request.images().iter().zip(1..);
    let given = given.map(|(image, number)| file("image[]", image, format!("image-{number}")));
    let mask = request.mask().map(|mask| file("mask", mask, "mask".into()));
    Form {
        boundary: boundary.into(),
        parts: parameters
            .iter()
            .map(text)
            .chain(given)
            .chain(mask)
            .collect(),
    }
}
